using System.Diagnostics.CodeAnalysis;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Multiformats.Abstractions;

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
            BitswapException node => new Fault(node.ErrorId, node.Message, node.Remedy, node.Subject ?? target, node),
            MultiformatException format => new Fault(format.ErrorId, format.Message, ErrorCatalog.RemedyOf(format.ErrorId), target, format),
            DagException graph => new Fault(graph.ErrorId, graph.Message, ErrorCatalog.RemedyOf(graph.ErrorId), target ?? graph.Cid, graph),
            SaveException save => new Fault(save.ErrorId, save.Message, ErrorCatalog.RemedyOf(save.ErrorId), save.Path, save),
            _ => null,
        };
        return fault is not null;
    }
}
