using Bitswap.Protocol;

namespace Bitswap;

/// <summary>A block did not come; tells who was asked for it and what each said.</summary>
public sealed class BlockUnavailableException : BitswapException
{
    internal BlockUnavailableException(string errorId, string message, string remedy, Cid cid, IReadOnlyList<PeerAnswer> answers, Exception? innerException = null)
        : base(errorId, message, remedy, cid, innerException)
    {
        Cid = cid;
        // an array, which PowerShell indexes
        Answers = answers.ToArray();
    }

    /// <summary>The block that was wanted.</summary>
    public Cid Cid { get; }

    /// <summary>The peers asked and what each said; empty when there was nobody to ask.</summary>
    public IReadOnlyList<PeerAnswer> Answers { get; }
}
