
namespace Bitswap;

/// <summary>A block did not come; tells who was asked for it and what each said.</summary>
public sealed class BlockUnavailableException : BitswapException
{
    internal BlockUnavailableException(string errorId, string message, string remedy, Cid cid, IReadOnlyList<PeerAnswer> answers, Exception? innerException = null)
        : base(errorId, message, remedy, cid, innerException)
    {
        Cid = cid.ToString();
        Asked = answers;
        Answers = [.. answers.Select(answer => new BitswapPeerAnswer(answer))];
    }

    /// <summary>The block that was wanted.</summary>
    public string Cid { get; }

    /// <summary>The peers asked and what each said; empty when there was nobody to ask.</summary>
    public BitswapPeerAnswer[] Answers { get; }

    /// <summary>The answers as the engine has them.</summary>
    internal IReadOnlyList<PeerAnswer> Asked { get; }
}
