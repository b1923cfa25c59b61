using System.Globalization;

namespace Bitswap.Live;

/// <summary>Lays out what is to be seen of nodes in the lines of a terminal.</summary>
internal sealed class NodeScreen(TextStyle style)
{
    private const int Wide = 104;
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>The lines: at most <paramref name="height"/>, each at most <paramref name="width"/> wide.</summary>
    public IReadOnlyList<string> Render(IReadOnlyList<NodeFrame> frames, int width, int height)
    {
        List<string> lines = [];
        for (int i = 0; i < frames.Count; i++)
        {
            if (i > 0)
            {
                lines.Add("");
            }

            // what one leaves free goes to those after it
            int room = (height - lines.Count) / (frames.Count - i);
            Node(lines, frames[i], width, lines.Count + room);
        }

        return lines.Count <= height ? lines : lines[..height];
    }

    private static string Rate(double perSecond) => Display.Bytes(perSecond) + "/s";

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Spark(IReadOnlyList<double> rates, int length)
    {
        double most = rates.Count == 0 ? 0 : rates.Max();
        IEnumerable<char> bars = rates.Skip(Math.Max(rates.Count - length, 0)).Select(rate =>
            rate <= 0 ? ' ' : Bars[(int)Math.Ceiling(rate / most * Bars.Length) - 1]);
        return string.Concat(bars).PadLeft(length);
    }

    private StyledLine Line(int width) => new(width, style);

    private void Node(List<string> lines, NodeFrame frame, int width, int end)
    {
        BitswapNodeSample sample = frame.Sample;
        lines.Add(Line(width).Add(frame.Name, style.Bold).Add("  " + Display.Short(frame.PeerId)).Add("  up " + Display.Time(sample.Uptime))
            .Add("  " + (frame.Address ?? "not listening"), style.Dim).ToString());
        string twice = sample.DuplicateBytes > 0 ? $", {Display.Bytes(sample.DuplicateBytes)} twice" : "";
        lines.Add(Traffic("in ", sample.ReceivedPerSecond, frame.ReceivedRates, sample.BytesReceived, sample.BlocksReceived, twice, style.In, width));
        lines.Add(Traffic("out", sample.SentPerSecond, frame.SentRates, sample.BytesSent, sample.BlocksSent, "", style.Out, width));

        // a blank line and a heading for each table, and at least a row
        int room = end - lines.Count;
        int peerRows = Math.Max(frame.Peers.Count, 1);
        int wantRows = Math.Max(frame.Wants.Count, 1);
        if (room < 6)
        {
            return;
        }

        bool isServing = frame.Served.Count > 0 && room >= 9;
        int most = room - (isServing ? 6 : 4);
        int servedRoom = isServing ? Math.Min(frame.Served.Count, Math.Max(most - peerRows - wantRows, most / 3)) : 0;
        most -= servedRoom;
        int peerRoom = Math.Min(peerRows, Math.Max(most - wantRows, (most + 1) / 2));
        Peers(lines, frame, width, peerRoom);
        if (isServing)
        {
            Served(lines, frame, width, servedRoom);
        }

        Wants(lines, frame, width, Math.Min(wantRows, most - peerRoom));
    }

    private string Traffic(string way, double rate, IReadOnlyList<double> rates, long bytes, long blocks, string more, string colour, int width) =>
        Line(width).Add("  ").Cell(way, 3).Cell(Rate(rate), 14, right: true, colour).Add(" ")
            .Add(Spark(rates, width >= Wide ? NodeSampler.History : NodeSampler.History / 2), colour)
            .Add($"  {Display.Bytes(bytes)} in {Number(blocks)} blocks{more}").ToString();

    private void Peers(List<string> lines, NodeFrame frame, int width, int rows)
    {
        lines.Add("");
        StyledLine header = Line(width).Add("  ").Cell($"Peers: {Number(frame.Sample.Peers)}", 19, colour: style.Header).Cell("Way", 3, colour: style.Header)
            .Cell("Agent", 16, colour: style.Header).Cell("RTT", 9, true, style.Header).Cell("In", 12, true, style.Header).Cell("Out", 12, true, style.Header);
        if (width >= Wide)
        {
            header.Cell("Received", 10, true, style.Header).Cell("Sent", 10, true, style.Header);
        }

        lines.Add(header.ToString());
        if (frame.Peers.Count == 0)
        {
            lines.Add(Line(width).Add("  none is connected", style.Dim).ToString());
        }

        int shown = frame.Peers.Count <= rows ? frame.Peers.Count : rows - 1;
        foreach (PeerRow peer in frame.Peers.Take(shown))
        {
            StyledLine line = Line(width).Add("  ").Cell(Display.Short(peer.Peer), 19).Cell(peer.IsInbound ? "in" : "out", 3).Cell(peer.Agent, 16)
                .Cell(Display.Time(peer.Latency), 9, true)
                .Cell(Rate(peer.ReceivedPerSecond), 12, true, peer.ReceivedPerSecond > 0 ? style.In : style.Dim)
                .Cell(Rate(peer.SentPerSecond), 12, true, peer.SentPerSecond > 0 ? style.Out : style.Dim);
            if (width >= Wide)
            {
                line.Cell(Display.Bytes(peer.Received), 10, true).Cell(Display.Bytes(peer.Sent), 10, true);
            }

            lines.Add(line.ToString());
        }

        More(lines, frame.Peers.Count - shown, width);
    }

    private void Served(List<string> lines, NodeFrame frame, int width, int rows)
    {
        lines.Add("");
        lines.Add(Line(width).Add("  ").Cell($"Fetched: {Number(frame.Served.Count)}", 19, colour: style.Header).Cell("By", 19, colour: style.Header)
            .Cell("Sent", 10, true, style.Header).Cell("Of", 10, true, style.Header).Cell("%", 5, true, style.Header).Cell("Last", 8, true, style.Header).ToString());
        int shown = frame.Served.Count <= rows ? frame.Served.Count : rows - 1;
        foreach (ServedRow served in frame.Served.Take(shown))
        {
            string percent = served.Total is > 0 and long total ? Math.Min(100, Math.Floor(100.0 * served.Sent / total)).ToString("0", CultureInfo.InvariantCulture) : "";
            lines.Add(Line(width).Add("  ").Cell(Display.Name(Display.Short(served.Content), 19), 19).Cell(Display.Short(served.Peer), 19)
                .Cell(Display.Bytes(served.Sent), 10, true, style.Out).Cell(served.Total is { } of ? Display.Bytes(of) : "", 10, true)
                .Cell(percent, 5, true).Cell(Display.Time(served.Since), 8, true).ToString());
        }

        More(lines, frame.Served.Count - shown, width);
    }

    private void Wants(List<string> lines, NodeFrame frame, int width, int rows)
    {
        lines.Add("");
        lines.Add(Line(width).Add("  ").Cell($"Wants: {Number(frame.Sample.Wants)}", 19, colour: style.Header).Cell("Type", 5, colour: style.Header)
            .Cell("State", 10, colour: style.Header).Cell("Age", 9, true, style.Header).Cell("Asked", 6, true, style.Header)
            .Cell("Refused", 8, true, style.Header).ToString());
        if (frame.Wants.Count == 0)
        {
            lines.Add(Line(width).Add(frame.Sample.Wants == 0 ? "  nothing is wanted" : "  too many to list", style.Dim).ToString());
        }

        int shown = frame.Wants.Count <= rows ? frame.Wants.Count : rows - 1;
        foreach (WantRow want in frame.Wants.Take(shown))
        {
            lines.Add(Line(width).Add("  ").Cell(Display.Short(want.Cid), 19).Cell(want.Type, 5).Cell(want.State, 10)
                .Cell(Display.Time(want.Age), 9, true).Cell(Number(want.Asked), 6, true)
                .Cell(Number(want.Refused), 8, true, want.Refused > 0 && want.Refused >= want.Asked ? style.Warning : "").ToString());
        }

        More(lines, frame.Wants.Count - shown, width);
    }

    private void More(List<string> lines, int count, int width)
    {
        if (count > 0)
        {
            lines.Add(Line(width).Add($"  … {Number(count)} more", style.Dim).ToString());
        }
    }
}
