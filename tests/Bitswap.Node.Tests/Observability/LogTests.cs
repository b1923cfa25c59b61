using System.Collections.Concurrent;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Observability;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Tests.Observability;

public sealed class LogTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 13);

    [Fact]
    public async Task The_story_of_a_fetch_goes_to_the_host_s_logger()
    {
        KeepingFactory log = new();
        await using NodeHost provider = await StartAsync();
        await using NodeHost getter = await StartAsync(options => options with { LoggerFactory = log });
        Block block = Samples.Block(1);
        await Samples.PutAsync(provider, [block]);
        await getter.ConnectAsync(provider.Addresses);
        await getter.GetBlockAsync(block.Cid, new WantOptions()).AsTask().WaitAsync(_patience);
        await getter.GetStatAsync();

        int[] story = [.. log.Lines.Select(line => line.EventId).Where(id => id is >= 1024 and <= 1027)];
        // wanted, asked, answered, ended
        Assert.Equal([1024, 1026, 1027, 1025], story[..4]);
        Assert.Contains(log.Lines, line => line.Text.Contains(block.Cid.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listener_hears_from_the_start_until_it_is_taken_away()
    {
        NodeLogListener listener = new(isDetailed: false);
        await using NodeHost node = await StartAsync(options => options with { LogListener = listener });

        Assert.True(listener.TryRead(out NodeLogLine line));
        Assert.Equal(1001, line.EventId);
        Assert.False(line.IsDetail);
        Assert.Contains(node.PeerId.ToString(), line.Text, StringComparison.Ordinal);
        node.UnlistenToLog(listener);
        NodeLogListener detailed = new(isDetailed: true);
        node.ListenToLog(detailed);
        await node.WantAsync(Samples.Block(1).Cid, new WantOptions());
        await node.GetStatAsync();
        Assert.False(listener.TryRead(out _));
        Assert.True(detailed.TryRead(out line));
        Assert.Equal((1024, true), (line.EventId, line.IsDetail));
    }

    [Fact]
    public void What_a_listener_does_not_read_is_dropped_and_counted()
    {
        NodeLogListener listener = new(isDetailed: true);
        for (int i = 0; i < 1030; i++)
        {
            listener.Hear(new NodeLogLine(i, true, "a line"));
        }

        Assert.Equal(6, listener.Dropped);
    }

    private Task<NodeHost> StartAsync(Func<NodeOptions, NodeOptions>? change = null)
    {
        NodeOptions options = new() { Network = _network.CreatePeer(), Seed = 1 };
        return NodeHost.StartAsync(change?.Invoke(options) ?? options);
    }

    private sealed class KeepingFactory : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<(int EventId, string Text)> Lines { get; } = new();

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
