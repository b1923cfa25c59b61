using System.Diagnostics.CodeAnalysis;
using Bitswap.Multiformats;

namespace Bitswap.Errors;

/// <summary>Makes faults of the exceptions that lower rooms throw.</summary>
internal static class FaultMap
{
    /// <summary>
    /// The fault of an exception that is an answer (of a node, a parser, an option check), and false for one that is a mistake of this
    /// module: that one is not dressed up.
    /// </summary>
    public static bool TryMap(Exception exception, object? target, [NotNullWhen(true)] out Fault? fault)
    {
        fault = exception switch
        {
            FaultException known => known.Fault,
            BitswapException node => new Fault(node.ErrorId, node.Message, node.Remedy, node.Target ?? target, node),
            MultiformatException format => new Fault(format.ErrorId, format.Message, RemedyOf(format.ErrorId), target, format),
            _ => null,
        };
        return fault is not null;
    }

    private static string RemedyOf(string errorId) => errorId switch
    {
        MultiformatException.InvalidCid => "Give a CID such as bafkrei... or Qm..., in any multibase, or an /ipfs/ path.",
        MultiformatException.InvalidMultiaddr => "Give an address such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo....",
        MultiformatException.InvalidPeerId => "Give a peer id such as 12D3Koo... or Qm....",
        MultiformatException.UnsupportedHash => "Use one of the hash functions that Tab completes.",
        _ => "Check the value for a typing mistake or a piece that is missing.",
    };
}
