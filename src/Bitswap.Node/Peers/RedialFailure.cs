using Bitswap.Libp2p.Errors;

namespace Bitswap.Node.Peers;

/// <summary>Why a lost peer cannot be asked.</summary>
/// <param name="Kind">What was met, in a word.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="IsFinal">Whether another try would meet the same.</param>
internal sealed record RedialFailure(PeerAnswerKind Kind, string Detail, bool IsFinal)
{
    /// <summary>Returns what the error of a dial means to a want that waits for the peer.</summary>
    public static RedialFailure Of(BitswapException failure)
    {
        PeerAnswerKind kind = failure.ErrorId switch
        {
            Libp2pErrorIds.NoCommonSecurity => PeerAnswerKind.NoSecurity,
            Libp2pErrorIds.NoCommonMuxer => PeerAnswerKind.NoMuxer,
            Libp2pErrorIds.PrivateNetwork => PeerAnswerKind.PrivateNetwork,
            Libp2pErrorIds.UnsupportedAddress => PeerAnswerKind.NoTransport,
            Libp2pErrorIds.PeerIdMismatch => PeerAnswerKind.WrongPeer,
            _ => PeerAnswerKind.Unreachable,
        };

        // Of a dial the first line says whom, and each further one why an address failed.
        string[] lines = failure.Message.Split('\n', StringSplitOptions.TrimEntries);
        return new RedialFailure(kind, string.Join("; ", lines.Length > 1 ? lines[1..] : lines), kind != PeerAnswerKind.Unreachable);
    }
}
