using System.Collections.Concurrent;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Tests.Networks;

/// <summary>What a node learns of its libp2p host.</summary>
public sealed class Libp2pNetworkTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly Multiaddr _anyPort = Multiaddr.Parse("/ip4/127.0.0.1/tcp/0");

    [Fact]
    public async Task A_peer_that_dialled_while_the_node_was_starting_is_a_peer_of_it()
    {
        await using Libp2pHost peer = await Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate() });
        peer.Handle("/ipfs/bitswap/1.2.0", static (stream, _) => Task.CompletedTask);
        TaskCompletionSource served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        peer.PeerIdentified += _ => served.TrySetResult();

        // the host says that it listens on the second address when it accepts on the first already, and waits for what hears it
        using WhenListening listening = new(2, addresses =>
        {
            string[] first = addresses[0].Split(':');
            peer.ConnectAsync([Multiaddr.Parse($"/ip4/{first[0]}/tcp/{first[1]}")]).AsTask().Wait(_patience);
            Assert.True(served.Task.Wait(_patience));
        });
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [_anyPort, _anyPort], LoggerFactory = listening });

        Assert.Equal(peer.PeerId, Assert.Single(await node.GetPeersAsync()).Peer);
        Assert.True(node.IsLinked(peer.PeerId), "the peer is not told of");
        await Poll.UntilAsync(async () => (await node.GetPeersAsync()).All(snapshot => snapshot.Version is not null), "its Bitswap is known");
    }

    /// <summary>Does something, once, in the middle of the call that logs that a host listens.</summary>
    private sealed class WhenListening(int count, Action<IReadOnlyList<string>> act) : ILoggerFactory, ILogger
    {
        private const int Listening = 2002;
        private readonly ConcurrentQueue<string> _addresses = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id != Listening)
            {
                return;
            }

            _addresses.Enqueue((string)((IReadOnlyList<KeyValuePair<string, object?>>)state!).Single(pair => pair.Key == "Address").Value!);
            if (_addresses.Count == count)
            {
                act([.. _addresses]);
            }
        }

        public void Dispose()
        {
        }
    }
}
