using System.Management.Automation;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Lists what a CID or a path holds, as Get-ChildItem does: the entries of a directory, or a file or symlink itself.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapFile")]
[OutputType(typeof(BitswapFile))]
public sealed class GetBitswapFileCommand : ContentCmdlet
{
    /// <summary>Lists the entries of directories within directories, too.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    private protected override void Read(BitswapNode node, UnixFsReader reader, ContentPath path)
    {
        Cid cid = PipelineThread.Wait(reader.ResolveAsync(path, StopToken));
        IAsyncEnumerator<UnixFsEntry> entries = reader.ListAsync(cid, Recurse, StopToken).GetAsyncEnumerator(StopToken);
        try
        {
            while (PipelineThread.Wait(entries.MoveNextAsync()))
            {
                UnixFsEntry entry = entries.Current;
                if (entry.Depth > 0 || entry.Type != UnixFsEntryType.Directory)
                {
                    WriteObject(Describe(node, path, entry));
                }
            }
        }
        finally
        {
            PipelineThread.Wait(entries.DisposeAsync().AsTask());
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
