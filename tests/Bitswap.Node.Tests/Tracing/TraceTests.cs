using System.Buffers;
using System.Text;
using Bitswap.Multiformats;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Observability;
using Bitswap.Node.Tests.Support;
using Bitswap.Node.Tracing;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Tracing;

public sealed class TraceTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset _time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    private static readonly PeerId _peer = PeerId.Parse("12D3KooWEChVMMMzV8acJ53mJHrw1pQ27UAGkCxWXLJutbeUMvVu");
    private static readonly Cid _cid = Cid.Parse("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    private readonly MemoryNetwork _network = new(seed: 3);

    [Fact]
    public void A_message_is_one_line_with_what_it_says_and_no_data()
    {
        MessageObservation message = new(
            _time,
            _peer,
            true,
            7,
            true,
            [new WantlistEntry(_cid, 5, false, WantType.Have, true), new WantlistEntry(_cid, 0, true, WantType.Block, false)],
            [new BlockSummary(_cid, 1234)],
            [new BlockPresence(_cid, PresenceType.DontHave)],
            99);

        Assert.Equal(
            $$"""
            {"time":"2026-01-02T03:04:05.678Z","kind":"message","peer":"{{_peer}}","direction":"sent","id":7,"full":true,"entries":[{"cid":"{{_cid}}","type":"have","priority":5,"sendDontHave":true},{"cid":"{{_cid}}","cancel":true}],"blocks":[{"cid":"{{_cid}}","size":1234}],"presences":[{"cid":"{{_cid}}","type":"dontHave"}],"pendingBytes":99}

            """.ReplaceLineEndings("\n"),
            Encoding.UTF8.GetString(Write(message)));
    }

    [Fact]
    public async Task Every_kind_of_record_reads_back_as_it_was()
    {
        NodeObservation[] all =
        [
            new TraceStartObservation(_time, _peer, 1),
            new PeerObservation(_time, _peer, BitswapVersion.V110),
            new MessageObservation(_time, _peer, false, 0, false, [], [], [], 0),
            new DeliveryObservation(_time, _peer, 3, true, [new BlockSummary(_cid, 5)]),
            new DeliveryObservation(_time, _peer, 4, false, []),
            new BlockObservation(_time, _peer, _cid, 6),
            new WantObservation(_time, 8, _cid, WantType.Have, -2, 9, [_peer], SkipsStore: true),
            new WantObservation(_time, 9, _cid, WantType.Block, 1, 0, null),
            new WantEndObservation(_time, 8, _cid, null, _peer),
            new WantEndObservation(_time, 9, _cid, "BlockUnavailable", null),
            new PeerObservation(_time, _peer, null),
            new CorruptionObservation(_time, _cid, "torn"),
            new LossObservation(_time, 10),
        ];
        byte[] written = Write(all);

        List<NodeObservation> read = await ReadAsync(written);

        Assert.Equal(all.Length, read.Count);
        // records hold lists, which compare by reference: the text is what must be the same
        Assert.Equal(written, Write([.. read]));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"time":"2026-01-02T03:04:05Z","kind":"message","peer":"x","direction":"sent"}""")]
    [InlineData("""{"time":"2026-01-02T03:04:05Z","kind":"lost"}""")]
    [InlineData("""{"time":"yesterday","kind":"lost","count":1}""")]
    [InlineData("""{"time":"2026-01-02T03:04:05Z","kind":"connected","peer":"12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV","protocol":"/meshsub/1.1.0"}""")]
    public async Task A_line_that_is_none_of_a_trace_is_refused_with_its_number(string line)
    {
        byte[] torn = [.. Write(new LossObservation(_time, 1)), .. Encoding.UTF8.GetBytes(line)];

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => ReadAsync(torn));

        Assert.Equal("InvalidTrace", failure.ErrorId);
        Assert.Equal(2, failure.Target);
    }

    [Fact]
    public async Task A_kind_of_a_later_version_is_passed_over()
    {
        byte[] trace = [.. "{\"time\":\"2027-01-02T03:04:05Z\",\"kind\":\"of tomorrow\"}\n"u8, .. Write(new LossObservation(_time, 1))];

        Assert.IsType<LossObservation>(Assert.Single(await ReadAsync(trace)));
    }

    [Fact]
    public async Task A_provider_s_trace_replayed_into_an_engine_gives_the_answers_that_were_recorded()
    {
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "provider.jsonl");
        await using NodeHost provider = await StartAsync(seed: 11);
        await using NodeHost getter = await StartAsync(seed: 12);
        Block[] blocks = [.. Samples.Blocks(40, 3000), Samples.Block(900, 100)];
        await Samples.PutAsync(provider, blocks);
        TraceRecorder trace = TraceRecorder.Start(provider, new TraceOptions { Path = path });
        await getter.ConnectAsync(provider.Addresses);

        IReadOnlyList<NodeWant> wants = await getter.WantAsync([.. blocks.Select(block => block.Cid)], new WantOptions { Session = getter.NewSession() });
        await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        await Assert.ThrowsAsync<BlockUnavailableException>(
            () => getter.GetBlockAsync(Samples.Block(5000).Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience));
        NodeWant have = await getter.WantAsync(Samples.Block(1, 3000).Cid, new WantOptions { Type = WantType.Have });
        await have.Completion.WaitAsync(_patience);
        await trace.StopAsync();

        List<NodeObservation> recorded = await ReadAsync(await File.ReadAllBytesAsync(path));
        TraceReplay replay = new(EngineOptions.Default, 11, blocks.Select(block => new BlockSummary(block.Cid, block.Data.Length)));
        replay.Play(recorded);

        string[] answers = TraceReplay.Recorded(recorded);
        Assert.Equal(41, answers.Count(answer => answer.Contains(" block ", StringComparison.Ordinal)));
        Assert.Contains(answers, answer => answer.Contains(" DontHave ", StringComparison.Ordinal));
        Assert.Equal(answers, replay.Replayed());
    }

    [Fact]
    public async Task A_getter_s_trace_replayed_into_an_engine_asks_as_was_recorded()
    {
        await using NodeHost provider = await StartAsync(seed: 21);
        await using NodeHost getter = await StartAsync(seed: 22);
        Block[] blocks = Samples.Blocks(30, 2000);
        await Samples.PutAsync(provider, blocks);
        await using TraceRecorder trace = TraceRecorder.Start(getter, new TraceOptions());
        await getter.ConnectAsync(provider.Addresses);

        IReadOnlyList<NodeWant> wants = await getter.WantAsync([.. blocks.Select(block => block.Cid)], new WantOptions { Session = getter.NewSession() });
        await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        NodeWant cancelled = await getter.WantAsync(Samples.Block(777).Cid, new WantOptions());
        await Poll.UntilAsync(async () => (await provider.GetPeerWantlistAsync(getter.PeerId)).Count > 0);
        await cancelled.CancelAsync();
        await Poll.UntilAsync(async () => (await provider.GetPeerWantlistAsync(getter.PeerId)).Count == 0);
        await trace.StopAsync();

        TraceReplay replay = new(EngineOptions.Default, 22, []);
        replay.Play(trace.Records);

        string[] asked = TraceReplay.Recorded(trace.Records);
        Assert.Contains(asked, entry => entry.Contains(" cancel ", StringComparison.Ordinal));
        Assert.Equal(asked, replay.Replayed());
    }

    [Fact]
    public async Task Several_traces_run_at_once_and_end_with_the_node()
    {
        using TempFolder folder = new();
        NodeHost node = await StartAsync(seed: 1);
        TraceRecorder memory = TraceRecorder.Start(node, new TraceOptions());
        TraceRecorder file = TraceRecorder.Start(node, new TraceOptions { Path = Path.Combine(folder.Path, "node.jsonl") });
        await node.WantAsync(_cid, new WantOptions());

        await node.DisposeAsync();
        await Task.WhenAll(memory.Completion, file.Completion).WaitAsync(_patience);

        Assert.Equal(["TraceStartObservation", "WantObservation", "WantEndObservation"], memory.Records.Select(record => record.GetType().Name));
        Assert.Equal(3, (await ReadAsync(await File.ReadAllBytesAsync(file.Path!))).Count);
        Assert.Equal(3, file.Recorded);
        Assert.Equal(new FileInfo(file.Path!).Length, file.Bytes);
        Assert.Null(file.Failure);
    }

    [Fact]
    public async Task A_trace_that_cannot_keep_up_drops_and_says_where_and_how_many()
    {
        using TempFolder folder = new();
        await using NodeHost node = await StartAsync(seed: 1);
        TraceRecorder trace = TraceRecorder.Start(node, new TraceOptions { Path = Path.Combine(folder.Path, "node.jsonl"), Room = 16 });

        await node.WantAsync([.. Samples.Blocks(20_000, 8).Select(block => block.Cid)], new WantOptions());
        await node.GetStatAsync();
        await trace.StopAsync().WaitAsync(_patience);

        List<NodeObservation> records = await ReadAsync(await File.ReadAllBytesAsync(trace.Path!));
        Assert.True(trace.Dropped > 0, "twenty thousand wants at once fitted a queue of sixteen");
        Assert.Equal(trace.Dropped, records.OfType<LossObservation>().Sum(loss => loss.Count));
        Assert.Equal(20_000, trace.Dropped + records.OfType<WantObservation>().Count());
    }

    [Fact]
    public async Task A_trace_in_memory_keeps_so_many_records_and_counts_the_rest()
    {
        await using NodeHost node = await StartAsync(seed: 1);
        await using TraceRecorder trace = TraceRecorder.Start(node, new TraceOptions { MaxRecords = 3 });

        await node.WantAsync([.. Samples.Blocks(10, 8).Select(block => block.Cid)], new WantOptions());
        await node.GetStatAsync();
        await trace.StopAsync();

        Assert.Equal(3, trace.Records.Count);
        Assert.Equal(8, trace.Dropped);
    }

    [Fact]
    public async Task A_trace_begins_with_the_peers_that_are_there()
    {
        await using NodeHost node = await StartAsync(seed: 1);
        await using NodeHost other = await StartAsync(seed: 2);
        await node.ConnectAsync(other.Addresses);

        await using TraceRecorder trace = TraceRecorder.Start(node, new TraceOptions());
        await node.GetStatAsync();
        await trace.StopAsync();

        Assert.Equal(other.PeerId, Assert.Single(trace.Records.OfType<PeerObservation>()).Peer);
    }

    [Fact]
    public async Task A_trace_of_some_peers_leaves_the_others_out()
    {
        await using NodeHost node = await StartAsync(seed: 1);
        await using NodeHost near = await StartAsync(seed: 2);
        await using NodeHost far = await StartAsync(seed: 3);
        await using TraceRecorder trace = TraceRecorder.Start(node, new TraceOptions { Peers = [near.PeerId] });
        await node.ConnectAsync(near.Addresses);
        await node.ConnectAsync(far.Addresses);
        await node.WantAsync(Cid.Compute(Multicodec.Raw, [1]), new WantOptions());
        await Poll.UntilAsync(async () => (await far.GetPeerWantlistAsync(node.PeerId)).Count + (await near.GetPeerWantlistAsync(node.PeerId)).Count == 2);

        await trace.StopAsync();

        Assert.NotEmpty(trace.Records.OfType<MessageObservation>());
        Assert.All(trace.Records.OfType<MessageObservation>(), message => Assert.Equal(near.PeerId, message.Peer));
        Assert.All(trace.Records.OfType<PeerObservation>(), peer => Assert.Equal(near.PeerId, peer.Peer));
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_on_request_only()
    {
        using TempFolder folder = new();
        string path = Path.Combine(folder.Path, "there.jsonl");
        await File.WriteAllTextAsync(path, "mine");
        await using NodeHost node = await StartAsync(seed: 1);

        BitswapException failure = Assert.Throws<BitswapException>(() => TraceRecorder.Start(node, new TraceOptions { Path = path }));
        Assert.Equal("TraceFailed", failure.ErrorId);
        Assert.Equal("mine", await File.ReadAllTextAsync(path));

        await TraceRecorder.Start(node, new TraceOptions { Path = path, Overwrite = true }).StopAsync();
        Assert.IsType<TraceStartObservation>(Assert.Single(await ReadAsync(await File.ReadAllBytesAsync(path))));
    }

    private static byte[] Write(params NodeObservation[] observations)
    {
        ArrayBufferWriter<byte> buffer = new();
        using TraceWriter writer = new(buffer);
        foreach (NodeObservation observation in observations)
        {
            writer.Write(observation);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static async Task<List<NodeObservation>> ReadAsync(byte[] trace)
    {
        List<NodeObservation> read = [];
        using MemoryStream stream = new(trace);
        await foreach (NodeObservation observation in TraceReader.ReadAsync(stream))
        {
            read.Add(observation);
        }

        return read;
    }

    private Task<NodeHost> StartAsync(ulong seed) => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Seed = seed });
}
