using System.Management.Automation;
using System.Runtime.ExceptionServices;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Lists what a CID or a path holds, as Get-ChildItem does: the entries of a directory, or a file or symlink itself. An entry whose block cannot be had is
/// listed by its name and CID.
/// </summary>
[Cmdlet(VerbsCommon.Get, "BitswapFile")]
[OutputType(typeof(BitswapFile))]
public sealed class GetBitswapFileCommand : ContentCmdlet
{
    /// <summary>Lists the entries of directories within directories, too.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    private protected override void Read(GraphSource source, UnixFsReader reader, ContentPath path)
    {
        Cid cid = ResolvePath(reader, path, source);

        // a directory is no range of bytes, so that all shards of it come; of a file no more than its first bytes
        source.Expect(new GraphRange(cid, GraphScope.Entity) { Count = 1 });
        if (!Local && TimeLimit.From(TimeoutSeconds) is { } silence)
        {
            reader = new UnixFsReader(new UntilSilence(source.Reader, NodeBlocks.Local(source.Node.Host), silence).ReadAsync);
        }

        // told on the thread that reads, and reported on this one
        Queue<UnixFsGap> gaps = [];
        foreach (UnixFsEntry entry in Each(reader.ListAsync(cid, Recurse, gaps.Enqueue, StopToken), source, path.ToString()))
        {
            Report(path, gaps);
            BitswapFile file = Describe(source.Node, path, entry);
            if (entry.IsRepeated)
            {
                WriteWarning($"The directory has more than one entry '{Display.Name(file.Path)}'. A path leads to the first, as the UnixFS specification says, and not to {file.Cid}.");
            }

            if (entry.Depth > 0 || entry.Type != UnixFsEntryType.Directory)
            {
                WriteObject(file);
            }
        }

        Report(path, gaps);
    }

    private void Report(ContentPath path, Queue<UnixFsGap> gaps)
    {
        while (gaps.TryDequeue(out UnixFsGap? gap))
        {
            Report(path, gap);
        }
    }

    // of an entry alone nothing is missing in the list but what it is; what is not listed at all is an error
    private void Report(ContentPath path, UnixFsGap gap)
    {
        if (!FaultMap.TryMap(gap.Cause, gap.Cid, out Fault? fault) || fault.ErrorId == NodeErrorIds.NodeStopped)
        {
            ExceptionDispatchInfo.Throw(gap.Cause);
        }

        string full = gap.RelativePath.Length == 0 ? path.ToString() : $"{path}/{gap.RelativePath}";
        string what = gap.IsPart ? $"Some names in '{full}' are not known" : $"What '{full}' is, or holds, is not known";
        if (gap.IsPart || Recurse)
        {
            WriteError((fault with { Message = $"{what}: {fault.Message}", Cause = null }).ToErrorRecord());
        }
        else
        {
            WriteVerbose($"{what}: {fault.Message}");
        }
    }

    private static BitswapFile Describe(BitswapNode node, ContentPath path, UnixFsEntry entry)
    {
        string name = entry.Depth > 0 ? entry.Name : path.Names.Count > 0 ? path.Names[^1] : entry.Cid.ToString();
        string full = entry.Depth > 0 ? $"{path}/{entry.RelativePath}" : path.ToString();
        return new BitswapFile(name, entry.Type.ToString(), entry.Size, entry.Cid, full, node)
        {
            Target = entry.Target,
            Mode = entry.Mode,
            LastWriteTime = entry.LastWriteTime,
        };
    }
}
