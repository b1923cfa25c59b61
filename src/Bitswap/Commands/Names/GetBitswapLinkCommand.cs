using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Live;
using Bitswap.Output;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives a link to content that names the node as its provider, to paste on another machine: every cmdlet that takes a CID takes it.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapLink")]
[OutputType(typeof(string))]
public sealed class GetBitswapLinkCommand : NodeCmdlet
{
    // short enough to paste, and one for each kind of network that a node is usually in
    private const int MaxProviders = 4;

    private bool _isReachTold;

    /// <summary>What to link to: CIDs as text in any base, paths such as cid/a/b, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Draws the QR code of each link in place of its text, for a terminal.</summary>
    [Parameter]
    public SwitchParameter AsQrCode { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        IReadOnlyList<Multiaddr> providers = [.. node.Host.SharedAddresses.Take(MaxProviders)];
        TellReach(node, providers.Count);
        foreach (CidArgument argument in Filled(Cid))
        {
            if (!TryAwait(_ => ValueTask.FromResult(PathOf(node, argument)), argument.ToString(), out ContentPath path)
                || !TryAwait(token => node.Host.GetLocalSizeAsync(path.Root, token), argument.ToString(), out long? size))
            {
                continue;
            }

            if (size is null)
            {
                WriteWarning($"The node has no block {path.Root}, so the link names a provider that does not have it.");
            }

            if (AsQrCode)
            {
                Draw(path, providers);
            }
            else
            {
                WriteObject(ContentLink.Make(path, providers));
            }
        }
    }

    private void Draw(ContentPath path, IReadOnlyList<Multiaddr> providers)
    {
        // what goes on to another command or a file has no window to fit
        (int Width, int Height)? window = MyInvocation.PipelinePosition == MyInvocation.PipelineLength ? Terminal.SizeOf(Host) : null;
        string link = ContentLink.Make(path, providers);
        QrLines? code = QrDrawing.Draw(link);
        bool isWhole = code is not null && (window is not { } size || (code.Width <= size.Width && code.Height < size.Height));
        if (!isWhole && providers.Count > 1)
        {
            // the first address reaches farthest, and the others are for when it does not
            Draw(path, [.. providers.SkipLast(1)]);
            return;
        }

        if (code is null)
        {
            ((IPipelineSink)this).WriteFault(Faults.LinkTooLong(link));
            return;
        }

        WriteObject(code.Text);
        if (!isWhole)
        {
            // behind it, since what stands before it is scrolled away
            WriteWarning(
                $"The QR code takes {code.Width} columns and {code.Height} lines, and the window has {window!.Value.Width} and {window.Value.Height}, so not all of it is seen. Make the window larger, or its font smaller.");
        }
    }

    // once: it is the same for every link of a node
    private void TellReach(BitswapNode node, int providers)
    {
        if (_isReachTold)
        {
            return;
        }

        _isReachTold = true;
        if (providers == 0)
        {
            WriteWarning("The node has no address that others can use, so the link names no provider. Start the node with -ListenAddress /ip4/0.0.0.0/tcp/4001.");
        }
        else if (node.Host.IsMachineOnly)
        {
            WriteWarning("The node listens on this machine alone, so the link works on this machine only. Start the node with -ListenAddress /ip4/0.0.0.0/tcp/4001 to share with others in the network.");
        }
    }
}
