using Bitswap.Live;
using Bitswap.Node;

namespace Bitswap.Tests;

public sealed class NodeScreenTests : IAsyncLifetime
{
    private static readonly TextStyle _coloured = TextStyle.Plain with { Bold = "\e[1m", Dim = "\e[2m", Header = "\e[32;1m", In = "\e[32m", Out = "\e[36m", Reset = "\e[0m" };
    private BitswapNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        NodeHost host = await NodeHost.StartAsync(new NodeOptions());
        _node = new BitswapNode($"test-{Guid.NewGuid():N}", host, [], Guid.Empty, null);
    }

    public async ValueTask DisposeAsync() => await _node.StopAsync();

    [Fact]
    public void A_node_without_anything_to_do_is_seen_whole()
    {
        IReadOnlyList<string> lines = new NodeScreen(TextStyle.Plain).Render([Frame(0, 0)], 80, 24);
        Assert.Equal(
            [
                "node1  12D3KooWAb…xyzxyzxy  up 1 m 5 s  /ip4/127.0.0.1/tcp/4001",
                "  in         2 MiB/s  " + new string(' ', 17) + "▄ █  3 MiB in 1,234 blocks, 1 KiB twice",
                "  out          0 B/s  " + new string(' ', 20) + "  0 B in 0 blocks",
                "",
                "  Peers: 0            Way Agent                  RTT           In          Out ",
                "  none is connected",
                "",
                "  Wants: 0            Type  State            Age  Asked  Refused ",
                "  nothing is wanted",
            ],
            lines);
    }

    [Fact]
    public void Peers_and_wants_have_a_line_each()
    {
        IReadOnlyList<string> lines = new NodeScreen(TextStyle.Plain).Render([Frame(1, 1)], 104, 24);
        Assert.Equal("  peer-0              in  kubo/0.40.0         1.5 ms     10 KiB/s        0 B/s      1 MiB        0 B ", lines[5]);
        Assert.Equal("  cid-0               Block Waiting        2.0 s      3        2 ", lines[8]);
    }

    [Fact]
    public void What_peers_fetch_has_a_line_each()
    {
        IReadOnlyList<string> lines = new NodeScreen(TextStyle.Plain).Render([Frame(1, 1, 2)], 80, 24);
        Assert.Equal(
            [
                "  Fetched: 2          By                        Sent         Of     %     Last ",
                "  holiday-0           peer-0                   3 MiB      4 MiB    75    2.0 s ",
                "  holiday-1           peer-1                   3 MiB                     2.0 s ",
            ],
            lines.Skip(7).Take(3));
        Assert.StartsWith("  Wants: 1", lines[11], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, 6)]
    [InlineData(40, 12)]
    [InlineData(80, 9)]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    public void Whatever_there_is_fits_the_window(int width, int height)
    {
        foreach ((int nodes, int peers, int wants, int served) in new[]
            { (1, 0, 0, 0), (1, 100, 0, 0), (1, 0, 100, 0), (1, 100, 100, 0), (3, 20, 20, 0), (30, 1, 1, 0), (1, 0, 0, 100), (1, 100, 100, 100), (2, 1, 1, 1) })
        {
            IReadOnlyList<string> lines = new NodeScreen(_coloured).Render([.. Enumerable.Range(0, nodes).Select(_ => Frame(peers, wants, served))], width, height);
            Assert.InRange(lines.Count, 1, height);
            Assert.All(lines, line => Assert.InRange(Visible(line).Length, 0, width));
        }
    }

    [Fact]
    public void What_has_no_room_is_counted()
    {
        string text = string.Join('\n', new NodeScreen(TextStyle.Plain).Render([Frame(50, 60)], 80, 23));
        int peers = Lines(text, "  peer-"), wants = Lines(text, "  cid-");
        Assert.Contains($"  … {50 - peers} more", text, StringComparison.Ordinal);
        Assert.Contains($"  … {60 - wants} more", text, StringComparison.Ordinal);
        Assert.Equal(23, text.Split('\n').Length);
    }

    [Fact]
    public async Task Rates_are_those_since_the_last_look()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider clock = new();
        NodeSampler watch = new(_node, clock);
        NodeFrame first = await watch.LookAsync(true, TestContext.Current.CancellationToken);
        Assert.Empty(first.ReceivedRates);
        await _node.Host.WantAsync(Cid.Compute(0x55, "x"u8), new WantOptions(), TestContext.Current.CancellationToken);
        for (int i = 0; i < NodeSampler.History + 5; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            first = await watch.LookAsync(true, TestContext.Current.CancellationToken);
        }

        Assert.Equal(NodeSampler.History, first.ReceivedRates.Count);
        Assert.Equal((1, "Block"), (first.Sample.Wants, Assert.Single(first.Wants).Type));
    }

    private static int Lines(string text, string start) => text.Split('\n').Count(line => line.StartsWith(start, StringComparison.Ordinal));

    private static string Visible(string line) => System.Text.RegularExpressions.Regex.Replace(line, "\e\\[[0-9;]*m", "");

    private NodeFrame Frame(int peers, int wants, int served = 0) => new()
    {
        Name = "node1",
        PeerId = "12D3KooWAbcdefghijklmnopqrstuvwxyzxyzxyzxy",
        Address = "/ip4/127.0.0.1/tcp/4001",
        ReceivedRates = [1 << 20, 0, 2 << 20],
        SentRates = [0, 0, 0],
        Sample = new BitswapNodeSample
        {
            Node = _node.Name,
            Uptime = TimeSpan.FromSeconds(65),
            Peers = peers,
            Wants = wants,
            ReceivedPerSecond = 2 << 20,
            BytesReceived = 3 << 20,
            BlocksReceived = 1234,
            DuplicateBytes = 1024,
        },
        Peers = [.. Enumerable.Range(0, peers).Select(i => new PeerRow($"peer-{i}", true, "kubo/0.40.0", TimeSpan.FromMilliseconds(1.5), 10_240, 0, 1 << 20, 0))],
        Served = [.. Enumerable.Range(0, served).Select(i => new ServedRow($"peer-{i}", $"holiday-{i}", 3 << 20, i == 0 ? 4 << 20 : null, TimeSpan.FromSeconds(2)))],
        Wants = [.. Enumerable.Range(0, wants).Select(i => new WantRow($"cid-{i}", "Block", "Waiting", TimeSpan.FromSeconds(2), 3, 2))],
    };
}
