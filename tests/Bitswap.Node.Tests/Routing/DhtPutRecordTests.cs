using System.Collections.Concurrent;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Names;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>A node that puts the record of a name to the peers of a DHT.</summary>
public sealed class DhtPutRecordTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly PrivateKey _key = NameRecords.Key(1);

    [Fact]
    public async Task Each_peer_that_keeps_the_record_is_named_and_each_that_does_not_with_the_reason()
    {
        await using RecordServer keeps = await RecordServer.StartAsync(message => message);
        await using RecordServer forgets = await RecordServer.StartAsync(_ => [0x08, 0x00]);
        await using RecordServer resets = await RecordServer.StartAsync(_ => null);
        await using NodeHost node = await StartAsync([.. keeps.Host.Addresses, .. forgets.Host.Addresses, .. resets.Host.Addresses]);
        IpnsRecord record = NameRecords.Of(_key, "/ipfs/bafkqaaa");

        NamePut[] puts = await PutAsync(node, record);

        Assert.Equal(new[] { keeps, forgets, resets }.Select(server => server.Host.PeerId).Order(), puts.Select(put => put.Peer).Order());
        Assert.Null(puts.Single(put => put.Peer == keeps.Host.PeerId).Refusal);
        Assert.All(new[] { forgets, resets }, server =>
        {
            string refusal = puts.Single(put => put.Peer == server.Host.PeerId).Refusal!;
            Assert.StartsWith($"The DHT peer {server.Host.PeerId} did not take the record: ", refusal, StringComparison.Ordinal);
        });
        Assert.Equal(Expected(record), Assert.Single(keeps.Put));
    }

    [Fact]
    public async Task A_DHT_that_cannot_be_reached_is_an_error_and_so_is_a_node_that_has_stopped()
    {
        IReadOnlyList<Multiaddr> gone;
        await using (RecordServer server = await RecordServer.StartAsync(message => message))
        {
            gone = server.Host.Addresses;
        }

        await using NodeHost node = await StartAsync(gone);
        IpnsRecord record = NameRecords.Of(_key, "/ipfs/bafkqaaa");
        Assert.Equal("RouterUnreachable", (await Assert.ThrowsAsync<BitswapException>(() => PutAsync(node, record))).ErrorId);
        await node.StopAsync().WaitAsync(_patience);
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(() => PutAsync(node, record))).ErrorId);
    }

    [Fact]
    public async Task One_who_stops_waiting_leaves_the_rest_untold()
    {
        await using RecordServer silent = await RecordServer.StartAsync(message => message);
        TaskCompletionSource gate = new();
        silent.Gate = gate.Task;
        await using NodeHost node = await StartAsync(silent.Host.Addresses);
        using CancellationTokenSource cancel = new();
        Task putting = Assert.Single(node.Routing.NameTargets)
            .PutRecordAsync(_key.PeerId, NameRecords.Of(_key, "/ipfs/bafkqaaa").Bytes, cancel.Token).ToArrayAsync(cancel.Token).AsTask();
        await silent.Asked.Task.WaitAsync(_patience);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => putting.WaitAsync(_patience));
        gate.SetResult();
        Assert.Empty(silent.Put);
    }

    private static Task<NodeHost> StartAsync(IReadOnlyList<Multiaddr> bootstrap) =>
        NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { DhtBootstrap = bootstrap } });

    private Task<NamePut[]> PutAsync(NodeHost node, IpnsRecord record) =>
        Assert.Single(node.Routing.NameTargets).PutRecordAsync(_key.PeerId, record.Bytes, default).ToArrayAsync().AsTask().WaitAsync(_patience);

    // PUT_VALUE as the specification has it: type, key, and a record of key and value
    private byte[] Expected(IpnsRecord record)
    {
        byte[] key = [.. "/ipns/"u8, .. _key.PeerId.ToByteArray()];
        byte[] inner = [.. Field(1, key), .. Field(2, record.Bytes.Span)];
        return [0x08, 0x00, .. Field(2, key), .. Field(3, inner)];
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), .. Number(value.Length), .. value];

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[Varint.Length((ulong)value)];
        Varint.Write(bytes, (ulong)value);
        return bytes;
    }

    /// <summary>A peer of the DHT that knows no other, and answers a value that is put with what a test says; with nothing, it resets the stream.</summary>
    private sealed class RecordServer : IAsyncDisposable
    {
        private readonly Func<byte[], byte[]?> _answer;

        private RecordServer(Libp2pHost host, Func<byte[], byte[]?> answer)
        {
            Host = host;
            _answer = answer;
        }

        public Libp2pHost Host { get; }

        /// <summary>The messages that put a value.</summary>
        public ConcurrentQueue<byte[]> Put { get; } = [];

        /// <summary>Ends when it is first asked anything.</summary>
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets or sets what it waits for before it answers.</summary>
        public Task Gate { get; set; } = Task.CompletedTask;

        public static async Task<RecordServer> StartAsync(Func<byte[], byte[]?> answer)
        {
            Libp2pHost host = await Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate(), ListenAddresses = new NodeOptions().ListenAddresses });
            RecordServer server = new(host, answer);
            host.Handle(KademliaOptions.AminoProtocol, server.AnswerAsync);
            return server;
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();

        private async Task AnswerAsync(Libp2pStream stream, CancellationToken cancellationToken)
        {
            byte[] message = await ReadAsync(stream, cancellationToken);
            Asked.TrySetResult();
            await Gate.WaitAsync(cancellationToken);
            byte[]? answer = [0x08, message[1]];
            if (message[1] == 0)
            {
                Put.Enqueue(message);
                answer = _answer(message);
            }

            if (answer is null)
            {
                stream.Reset();
                return;
            }

            await stream.WriteAsync((byte[])[.. Number(answer.Length), .. answer], cancellationToken);
            await stream.ReadAsync(new byte[1], cancellationToken);
        }

        private static async Task<byte[]> ReadAsync(Libp2pStream stream, CancellationToken cancellationToken)
        {
            List<byte> read = [];
            byte[] buffer = new byte[4096];
            while (true)
            {
                int length = 0;
                for (int i = 0; i < read.Count; i++)
                {
                    length |= (read[i] & 0x7f) << (7 * i);
                    if (read[i] < 0x80)
                    {
                        if (read.Count == i + 1 + length)
                        {
                            return [.. read[(i + 1)..]];
                        }

                        break;
                    }
                }

                int more = await stream.ReadAsync(buffer, cancellationToken);
                Assert.NotEqual(0, more);
                read.AddRange(buffer[..more]);
            }
        }
    }
}
