using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Multiformats;
using Bitswap.Node.Content;
using Bitswap.Node.Names;
using Bitswap.Node.Observability;
using Bitswap.Node.Routing;

namespace Bitswap.Pipeline;

/// <summary>What cmdlets that work on nodes share: how the CID that is meant is found in one.</summary>
public abstract class NodeBoundCmdlet : BitswapCmdlet
{
    private static readonly TimeSpan _nameLimit = TimeSpan.FromSeconds(30);

    private protected NodeBoundCmdlet()
    {
    }

    /// <summary>Whether the node was given with the call, rather than by what is piped.</summary>
    private protected bool IsNodeSaid { get; private set; }

    /// <summary>Takes lines about who is asked for blocks, from any thread; they are written with the log. Null where they are not wanted.</summary>
    private protected Action<string>? Story => Log is { } log ? line => log.Listener.Hear(new NodeLogLine(0, false, line)) : null;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        IsNodeSaid = MyInvocation.BoundParameters.TryGetValue("Node", out object? node);
        if (IsNodeSaid && node is null or NodeArgument[] { Length: 0 })
        {
            // a misspelt variable must not mean the only node that runs
            ThrowTerminatingError(Faults.NoNodeGiven(node is null ? "$null" : "an empty list").ToErrorRecord());
        }

        base.BeginProcessing();
    }

    /// <summary>How long a name may take to be resolved; null for ever.</summary>
    private protected virtual TimeSpan? NameLimit => _nameLimit;

    /// <summary>Whether sources may be asked what a name stands for, rather than the node's memory alone.</summary>
    private protected virtual bool MayAskForNames => true;

    /// <summary>Whether the providers that a link names are dialled.</summary>
    private protected virtual bool DialsHints => false;

    /// <summary>The path that an argument means. A name is resolved by the node, as far as the node may ask its sources.</summary>
    /// <exception cref="FaultException">What is wrong with the argument.</exception>
    /// <exception cref="BitswapException">NoNameSource, NameNotFound and what else keeps a name from being resolved.</exception>
    private protected ContentPath PathOf(BitswapNode node, CidArgument argument)
    {
        if (DialsHints && argument.Providers is { Count: > 0 } providers)
        {
            Dial(node, providers);
        }

        if (argument.ReadName() is not { } name)
        {
            return argument.ResolvePath();
        }

        NameQuestion question = new() { MayAskDns = node.Host.Names.MayAskDns, IsLocal = !MayAskForNames, Limit = NameLimit };
        ResolvedName resolved = PipelineThread.Wait(node.Host.Names.ResolveAsync(name, question, StopToken));
        WriteVerbose($"{name} is {resolved.Text} (from {string.Join(", ", resolved.Steps.Select(step => step.Source).Distinct())}).");
        return resolved.Path!;
    }

    // each time anew: one that is connected costs nothing, and one that went may be back
    private void Dial(BitswapNode node, IReadOnlyList<Multiaddr> providers)
    {
        HintReport report = PipelineThread.Wait(node.Host.ConnectHintsAsync(providers, StopToken));
        foreach (string problem in report.Problems)
        {
            WriteVerbose($"A provider that the link names: {problem}");
        }

        if (!report.IsConnected && report.Problems.Count > 0)
        {
            WriteWarning($"No provider that the link names is connected; others are asked. {report.Problems[0]}{(report.Problems.Count > 1 ? $" ({report.Problems.Count - 1} more with -Verbose.)" : "")}");
        }
    }

    /// <summary>The CID that an argument leads to. What there is to tell of the way is a warning.</summary>
    private protected Cid ResolvePath(BitswapNode node, BlockReader blocks, CidArgument argument, GraphSource? source = null) =>
        ResolvePath(new UnixFsReader(blocks), PathOf(node, argument), source);

    /// <summary>The CID that an argument leads to by what the node has stored. What there is to tell of the way is a warning.</summary>
    /// <exception cref="FaultException">What is wrong with the argument; BlockNotFound: a block on the way is not stored.</exception>
    private protected Cid ResolveStored(BitswapNode node, CidArgument argument)
    {
        ContentPath path = PathOf(node, argument);
        try
        {
            return ResolvePath(new UnixFsReader(NodeBlocks.Local(node.Host)), path);
        }
        catch (BitswapException missing) when (missing.ErrorId == NodeErrorIds.BlockNotFound && missing.Subject is Cid cid)
        {
            throw new FaultException(Faults.PathNotStored(path, cid));
        }
    }

    /// <summary>The CID that an argument leads to, by what the node has stored and what peers send.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="argument">The CID or path.</param>
    /// <param name="silence">How long no block may arrive while one is waited for, or null for ever.</param>
    private protected Cid ResolveFetched(BitswapNode node, CidArgument argument, TimeSpan? silence)
    {
        ContentPath path = PathOf(node, argument);
        if (path.Names.Count == 0)
        {
            return path.Root;
        }

        GraphSource source = GraphSource.Fetch(node, null, silence, tell: Story);
        try
        {
            return ResolvePath(new UnixFsReader(source.Reader), path, source);
        }
        finally
        {
            PipelineThread.Dispose(source);
        }
    }

    /// <summary>The CID of a block that can be asked for.</summary>
    /// <exception cref="FaultException">InvalidMultihash: no block may have the CID.</exception>
    private protected static Cid Askable(Cid cid) => BlockRule.Check(cid) is { } refusal ? throw new FaultException(Faults.Refused(cid, refusal)) : cid;

    /// <summary>The CID that a path leads to. What there is to tell of the way is a warning.</summary>
    /// <param name="reader">Reads the blocks on the way.</param>
    /// <param name="path">The path.</param>
    /// <param name="source">What is shown while they are waited for; null for nothing.</param>
    private protected Cid ResolvePath(UnixFsReader reader, ContentPath path, GraphSource? source = null)
    {
        using ProgressMeter? meter = source is null ? null : MeterOf(source, path.ToString());
        ResolvedPath resolved = PipelineThread.Wait(reader.ResolveAsync(path, StopToken), ProgressMeter.Glance, () => source?.Show(meter!));
        foreach (string note in resolved.Notes)
        {
            WriteWarning(note);
        }

        return resolved.Cid;
    }

    /// <summary>Returns items one by one as they come, and shows meanwhile what peers have sent or what they are waited for.</summary>
    private protected IEnumerable<T> Each<T>(IAsyncEnumerable<T> items, GraphSource source, string what)
    {
        using ProgressMeter meter = MeterOf(source, what);
        foreach (T item in PipelineThread.Each(items, ProgressMeter.Glance, () => source.Show(meter), StopToken))
        {
            yield return item;
        }
    }

    private ProgressMeter MeterOf(GraphSource source, string what) => new(this, $"Fetching {Display.Short(what)}", TimeProvider.System) { WaitsFor = source.WaitsFor };
}
