using System.Net.Sockets;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>The order in which a peer's addresses are tried.</summary>
internal static class AddressOrder
{
    /// <summary>
    /// RFC 8305 section 4: IPv6 first, then the families in turn; within a family the given order stays. Duplicates are dropped.
    /// </summary>
    public static List<DialTarget> Interleave(IEnumerable<DialTarget> targets)
    {
        DialTarget[] distinct = [.. targets.Distinct()];
        Queue<DialTarget> v6 = new(distinct.Where(e => e.EndPoint.AddressFamily == AddressFamily.InterNetworkV6));
        Queue<DialTarget> v4 = new(distinct.Where(e => e.EndPoint.AddressFamily != AddressFamily.InterNetworkV6));
        List<DialTarget> ordered = new(distinct.Length);
        while (v6.Count + v4.Count > 0)
        {
            if (v6.TryDequeue(out DialTarget? sixth))
            {
                ordered.Add(sixth);
            }
            if (v4.TryDequeue(out DialTarget? fourth))
            {
                ordered.Add(fourth);
            }
        }
        return ordered;
    }
}
