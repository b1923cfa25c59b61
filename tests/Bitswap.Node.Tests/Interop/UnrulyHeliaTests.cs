namespace Bitswap.Node.Tests.Interop;

/// <summary>Blocks fetched from a Helia peer that is late, hangs up, breaks off or lies: they come where they can, and the error says what the peer did.</summary>
public sealed class UnrulyHeliaTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>, IDisposable
{
    private const int Size = 40_000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    // long enough for a message on its way, short against the pauses of the tests
    private static readonly EngineOptions _impatient = new() { DontHaveTimeout = TimeSpan.FromSeconds(0.5), MaxDontHaveTimeout = TimeSpan.FromSeconds(0.5) };
    private readonly string _cids = Path.GetTempFileName();

    public void Dispose() => File.Delete(_cids);

    [Theory]
    [InlineData("late")]
    [InlineData("promises")]
    public async Task A_block_that_comes_long_after_the_silence_was_noticed_is_received(string behaviour)
    {
        await using PeerProcess peer = Start(behaviour, "--seconds", "2");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Engine = _impatient });
        await node.ConnectAsync([await peer.AddressAsync()]);

        await FetchAsync(node);

        Assert.True((await node.GetStatAsync()).Engine.SimulatedDontHaves > 0, "It was not late.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_hangs_up_among_many_blocks_is_dialled_again_and_sends_the_rest(bool onlyPeer)
    {
        await using PeerProcess peer = Start("hangs-up", "--count", "64", "--times", "3");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        PeerSnapshot met = await node.ConnectAsync([await peer.AddressAsync()]);

        await FetchAsync(node, onlyPeer ? [met.Peer] : null);

        Assert.InRange((await node.GetStatAsync()).Engine.Redials, 3, 10);
    }

    [Fact]
    public async Task A_block_whose_stream_is_reset_is_asked_for_again_over_the_same_connection()
    {
        await using PeerProcess peer = Start("resets", "--times", "3");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([await peer.AddressAsync()]);

        await FetchAsync(node);

        Assert.Equal(0, (await node.GetStatAsync()).Engine.Redials);
    }

    [Fact]
    public async Task A_block_that_the_peer_sent_and_lost_is_withdrawn_and_asked_for_again()
    {
        await using PeerProcess peer = Start("swallows", "--times", "1");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Engine = _impatient with { ResendInterval = TimeSpan.FromSeconds(3) } });
        await node.ConnectAsync([await peer.AddressAsync()]);

        await FetchAsync(node);

        // to a repetition without a CANCEL it answers nothing: it would take three
        EngineStat stat = (await node.GetStatAsync()).Engine;
        Assert.InRange(stat.WantsResent, 1, 2);
        Assert.InRange(stat.CancelsSent, 1, 2);
    }

    [Theory]
    [InlineData("silent", PeerAnswerKind.Silent, "silent for ")]
    [InlineData("only-promises", PeerAnswerKind.Have, "said HAVE, and did not send the block")]
    [InlineData("leaves", PeerAnswerKind.HungUp, "hung up")]
    [InlineData("resets", PeerAnswerKind.Reset, "reset the stream")]
    [InlineData("wrong-block", PeerAnswerKind.WrongBlock, "sent a wrong block")]
    [InlineData("unknown-hash", PeerAnswerKind.UnknownHash, "sent a block under an unknown hash")]
    [InlineData("too-big", PeerAnswerKind.TooBig, "sent more than is taken")]
    [InlineData("malformed", PeerAnswerKind.Malformed, "sent what cannot be read")]
    public async Task The_error_says_what_the_peer_did_and_an_honest_one_is_asked_all_the_same(string behaviour, PeerAnswerKind kind, string words)
    {
        await using PeerProcess peer = Start(behaviour, "--times", "1000");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Engine = _impatient });
        PeerId unruly = (await node.ConnectAsync([await peer.AddressAsync()])).Peer;
        Cid cid = ReadCids()[0];

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(
            () => node.GetBlockAsync(cid, new WantOptions { FailFast = true, OnlyPeers = [unruly], Timeout = TimeSpan.FromSeconds(3) }).AsTask());

        PeerAnswer said = Assert.Single(failure.Asked);
        Assert.Equal((unruly, kind, "Timeout"), (said.Peer, said.Kind, failure.ErrorId));
        Assert.Contains($"{unruly} {words}", failure.Message, StringComparison.Ordinal);

        await using PeerProcess honest = helia.Start("provide", "--size", $"{Size}", "--count", "1");
        NodeWant want = await node.WantAsync(cid, new WantOptions { FailFast = true, Timeout = _patience });
        await node.ConnectAsync([await honest.AddressAsync()]);
        Assert.Equal(Size, (await want.Completion.WaitAsync(_patience)).Data.Length);
    }

    [Theory]
    [InlineData("tls", "NoCommonSecurity", "spoken here: /noise.")]
    [InlineData("mplex", "NoCommonMuxer", "/yamux/1.0.0")]
    [InlineData("swarm-key", "PrivateNetwork", "swarm key")]
    public async Task A_peer_that_cannot_be_spoken_to_is_told_by_what_it_lacks(string offer, string errorId, string words)
    {
        await using PeerProcess peer = helia.Start("provide", "--count", "1", "--size", "1", "--offers", offer);
        await using NodeHost node = await NodeHost.StartAsync(NodeOptionTable.Set(new NodeOptions(), "SecurityProtocols", "Noise"));
        Multiaddr address = await peer.AddressAsync();

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => node.ConnectAsync([Multiaddr.Parse("/ip4/127.0.0.1/tcp/1"), address]).AsTask());

        Assert.Equal(errorId, failure.ErrorId);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    private PeerProcess Start(string behaviour, params string[] more) =>
        helia.Start(["provide", "--size", $"{Size}", "--count", "1", "--cids", _cids, "--unruly", behaviour, .. more]);

    private async Task FetchAsync(NodeHost node, IReadOnlyList<PeerId>? only = null)
    {
        WantOptions options = new() { Session = node.NewSession(), Timeout = _patience, FailFast = true, OnlyPeers = only };
        IReadOnlyList<NodeWant> wants = await node.WantAsync(ReadCids(), options);
        Block[] blocks = await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        Assert.All(blocks, block => Assert.True(block.Cid.Hash.Matches(block.Data.Span)));
    }

    private Cid[] ReadCids() => [.. File.ReadAllLines(_cids).Where(line => line.Length > 0).Select(Cid.Parse)];
}
