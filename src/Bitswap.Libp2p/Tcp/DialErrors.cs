using System.Text;

namespace Bitswap.Libp2p.Tcp;

/// <summary>Makes one error of the failures of each address.</summary>
internal static class DialErrors
{
    /// <summary>
    /// PeerUnreachable with a line an address; where every address failed in one and the same other way, that way's own id,
    /// since "wrong peer id" tells the caller more than "unreachable".
    /// </summary>
    public static Libp2pException Combine(PeerId? peer, IReadOnlyList<DialFailure> failures)
    {
        StringBuilder message = new($"No address of {peer?.ToString() ?? "the peer"} could be connected to:");
        foreach (DialFailure failure in failures)
        {
            message.Append('\n').Append("  ").Append(failure.Address).Append(": ").Append(failure.Error.Message);
        }
        string[] ids = [.. failures.Select(f => (f.Error as Libp2pException)?.ErrorId ?? Libp2pErrorIds.PeerUnreachable).Distinct()];
        Exception? cause = failures.Count switch
        {
            0 => null,
            1 => failures[0].Error,
            _ => new AggregateException(failures.Select(f => f.Error)),
        };
        return new Libp2pException(ids.Length == 1 ? ids[0] : Libp2pErrorIds.PeerUnreachable, message.ToString(), cause);
    }
}
