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
            MultiformatException format => new Fault(format.ErrorId, format.Message, ErrorCatalog.RemedyOf(format.ErrorId), target, format),
            _ => null,
        };
        return fault is not null;
    }
}
