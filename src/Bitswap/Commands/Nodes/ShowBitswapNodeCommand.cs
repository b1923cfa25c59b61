using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Live;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Shows what nodes do: rates, peers and wants, refreshed in place until Ctrl+C. Where there is no terminal, with -NonInteractive, and in
/// the middle of a pipeline it gives an object a node each time instead.
/// </summary>
[Cmdlet(VerbsCommon.Show, "BitswapNode")]
[OutputType(typeof(BitswapNodeSample))]
public sealed class ShowBitswapNodeCommand : NodeListCmdlet
{
    private readonly List<NodeSampler> _watches = [];
    private LiveScreen? _screen;

    /// <summary>How many seconds lie between two looks, 1 by default.</summary>
    [Parameter]
    [ValidateRange(0.05, 3600.0)]
    [Seconds]
    public double Interval { get; set; } = 1;

    /// <summary>How often it looks; 0, the default, is until it is stopped or the nodes are.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>Gives objects also where there is a terminal.</summary>
    [Parameter]
    public SwitchParameter AsObject { get; set; }

    // lines of a log would stand in the midst of the screen, and come for as long as it is looked at
    private protected override bool RelaysLog => false;

    private protected override void Process(BitswapNode node)
    {
        if (!_watches.Exists(watch => ReferenceEquals(watch.Node, node)))
        {
            _watches.Add(new NodeSampler(node, TimeProvider.System));
        }
    }

    private protected override void End()
    {
        bool last = MyInvocation.PipelinePosition == MyInvocation.PipelineLength;
        bool live = last && !AsObject && Terminal.SizeOf(Host) is not null;
        for (int look = 1; ; look++)
        {
            List<NodeFrame> frames = Look(live);
            if (frames.Count == 0)
            {
                break;
            }

            Show(frames, live);
            if (look == Count)
            {
                break;
            }

            PipelineThread.Wait(Task.Delay(TimeSpan.FromSeconds(Interval), TimeProvider.System, StopToken));
        }

        _screen?.Leave();
    }

    private protected override void Release() => _screen?.Leave();

    private List<NodeFrame> Look(bool live)
    {
        List<NodeFrame> frames = [];
        foreach (NodeSampler watch in _watches)
        {
            try
            {
                if (watch.Node.IsRunning)
                {
                    frames.Add(PipelineThread.Wait(watch.LookAsync(live, StopToken)));
                }
            }
            catch (BitswapException stopped) when (stopped.ErrorId == NodeErrorIds.NodeStopped)
            {
                // between the question and the answer: there is nothing more to see of it
                WriteVerbose($"{watch.Node.Name} has stopped.");
            }
        }

        return frames;
    }

    private void Show(List<NodeFrame> frames, bool live)
    {
        if (live)
        {
            // asked each time: windows are resized, and colours switched off; a window too small for a frame keeps the last one
            if (Terminal.SizeOf(Host) is { } size)
            {
                TextStyle style = TextStyle.From(GetVariableValue("PSStyle"));
                _screen ??= new LiveScreen(Host.UI.Write, apart: style != TextStyle.Plain);
                _screen.Draw(new NodeScreen(style).Render(frames, size.Width, size.Height - 1), $"{style.Dim}Ctrl+C ends{style.Reset}");
            }

            return;
        }

        foreach (NodeFrame frame in frames)
        {
            WriteObject(frame.Sample);
        }
    }
}
