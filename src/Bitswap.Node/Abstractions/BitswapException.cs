using Bitswap.Protocol;

namespace Bitswap;

/// <summary>An error of this module: what happened in the message, a stable id to act on, and what to do about it.</summary>
public class BitswapException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="errorId">The stable id, a word such as <c>StoreCorrupt</c>.</param>
    /// <param name="message">What happened, with the values it happened to.</param>
    /// <param name="remedy">What the reader can do about it.</param>
    /// <param name="target">What it happened to: a CID, an address, a path.</param>
    /// <param name="innerException">What caused it.</param>
    public BitswapException(string errorId, string message, string remedy, object? target = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ArgumentNullException.ThrowIfNull(remedy);
        ErrorId = errorId;
        Remedy = remedy;
        Subject = target;
    }

    /// <summary>Gets the stable id of the error, the same in every version and language.</summary>
    public string ErrorId { get; }

    /// <summary>Gets what to do about it.</summary>
    public string Remedy { get; }

    /// <summary>Gets the subject of the error, or null. A CID, a peer id and an address are text, which serializers keep.</summary>
    public object? Target => Subject is Cid or PeerId or Multiaddr ? Subject.ToString() : Subject;

    /// <summary>Gets the subject of the error, as it was given.</summary>
    internal object? Subject { get; }
}

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

    /// <summary>Gets the block that was wanted.</summary>
    public string Cid { get; }

    /// <summary>Gets the peers asked and what each said; empty when no peer could be asked.</summary>
    public BitswapPeerAnswer[] Answers { get; }

    /// <summary>Gets the answers as the engine has them.</summary>
    internal IReadOnlyList<PeerAnswer> Asked { get; }
}

/// <summary>The answer of a peer that was asked for a block.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Answer">
/// What it said or did last: Waiting, Have (but no block), DontHave, Silent, HungUp, WeHungUp, Reset, WrongBlock, UnknownHash, TooBig, Malformed, Refused (a gateway; the detail is what it answered); or why it was not asked:
/// CannotAsk (its version has no WANT_HAVE), NoBitswap, Unreachable, NoTransport, NoSecurity, NoMuxer, PrivateNetwork, WrongPeer.
/// </param>
/// <param name="Latency">From asking to the answer; of a peer that is silent the time it has been so; null while it may still answer in time.</param>
/// <param name="Detail">What more there is to say, such as who closed the connection and why; null when there is nothing.</param>
public sealed record BitswapPeerAnswer(string PeerId, string Answer, TimeSpan? Latency, string? Detail)
{
    internal BitswapPeerAnswer(PeerAnswer answer)
        : this(answer.Peer.ToString(), answer.Kind.ToString(), answer.Latency, answer.Detail)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{PeerId} {Answer}";
}
