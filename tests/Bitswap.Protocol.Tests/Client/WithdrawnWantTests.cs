namespace Bitswap.Protocol.Tests.Client;

/// <summary>What this side asked for and wants no more is not the peer's fault when it comes.</summary>
public sealed class WithdrawnWantTests
{
    private const int Size = 50_000;
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new(new EngineOptions { MaxUnwantedBytes = 1024 * 1024 });
    private readonly Block[] _blocks = [.. Enumerable.Range(0, 140).Select(i => TestData.Block(i, Size))];

    [Fact]
    public void A_peer_that_sends_what_was_asked_and_withdrawn_is_not_dropped_for_it()
    {
        _driver.Connect(_a);
        for (int round = 0; round < 10; round++)
        {
            // the caller takes the first block and goes, while the peer has sent the rest already
            Block[] asked = _blocks[round..];
            long[] ids = [.. asked.Select(block => _driver.Want(block.Cid, session: round + 1, run: false))];
            _driver.Run();
            _driver.ReceiveBlocks(_a, asked[0]);
            foreach (long id in ids[1..])
            {
                _driver.Cancel(id);
            }

            foreach (Block block in asked[1..])
            {
                _driver.ReceiveBlocks(_a, block);
            }
        }

        Assert.Empty(_driver.Results.OfType<DropPeer>());
        Assert.InRange(_driver.Engine.Stat().UnwantedBytes, 40L * 1024 * 1024, long.MaxValue);
        Assert.Equal(10, _driver.Store.Count);
    }

    [Fact]
    public void A_block_that_another_peer_was_quicker_with_does_not_count_against_the_slower()
    {
        _driver.Connect(_a);
        foreach (Block block in _blocks)
        {
            _driver.Want(block.Cid);
        }

        // asked of both: of the one for silence of the other
        _driver.Connect(_b);
        _driver.Advance(TimeSpan.FromSeconds(20));
        _driver.ReceiveBlocks(_b, _blocks);
        _driver.ReceiveBlocks(_a, _blocks);

        Assert.Equal(_blocks.Length, _driver.Engine.Stat().DuplicateBlocks);
        Assert.Empty(_driver.Results.OfType<DropPeer>());
    }

    [Fact]
    public void Each_telling_excuses_one_block_and_no_more()
    {
        _driver.Connect(_a);
        foreach (Block block in _blocks)
        {
            _driver.Cancel(_driver.Want(block.Cid));
        }

        _driver.ReceiveBlocks(_a, _blocks);
        Assert.Empty(_driver.Results.OfType<DropPeer>());
        _driver.ReceiveBlocks(_a, _blocks[..20]);
        Assert.Empty(_driver.Results.OfType<DropPeer>());

        _driver.ReceiveBlocks(_a, _blocks[20..]);

        Assert.False(Assert.Single(_driver.Results.OfType<DropPeer>()).MayReturn);
    }

    [Fact]
    public void What_another_peer_was_asked_for_excuses_nothing()
    {
        _driver.Connect(_a);
        foreach (Block block in _blocks)
        {
            _driver.Cancel(_driver.Want(block.Cid, only: [_a]));
        }

        _driver.Connect(_b);
        _driver.ReceiveBlocks(_b, _blocks);

        Assert.Equal(_b, Assert.Single(_driver.Results.OfType<DropPeer>()).Peer);
    }

    [Fact]
    public void A_block_in_answer_to_WANT_HAVE_is_excused_too()
    {
        _driver.Connect(_a);
        foreach (Block block in _blocks)
        {
            _driver.Cancel(_driver.Want(block.Cid, type: WantType.Have));
        }

        _driver.ReceiveBlocks(_a, _blocks);

        Assert.Empty(_driver.Results.OfType<DropPeer>());
    }

    [Fact]
    public void Only_the_latest_are_remembered()
    {
        var driver = new EngineDriver(new EngineOptions { MaxUnwantedBytes = 1024 * 1024, MaxWithdrawnWants = 30 });
        driver.Connect(_a);
        foreach (Block block in _blocks)
        {
            driver.Cancel(driver.Want(block.Cid));
        }

        Assert.Equal(30, driver.Engine.ConnectedPeers[0].Requests.Withdrawn.Count);
        driver.ReceiveBlocks(_a, _blocks[^30..]);
        Assert.Empty(driver.Results.OfType<DropPeer>());
        driver.ReceiveBlocks(_a, _blocks[..30]);
        Assert.Single(driver.Results.OfType<DropPeer>());
    }

    [Fact]
    public void Unasked_blocks_up_to_the_limit_are_borne_and_asked_ones_make_up_for_them()
    {
        Block[] blocks = [.. Enumerable.Range(0, 40).Select(i => TestData.Block(i, 64 * 1024))];
        Block[] limit = blocks[..16];
        _driver.Connect(_a);
        _driver.ReceiveBlocks(_a, limit);
        Assert.Empty(_driver.Results.OfType<DropPeer>());

        // half of the limit is made up for
        foreach (Block block in blocks[16..24])
        {
            _driver.Want(block.Cid);
            _driver.ReceiveBlocks(_a, block);
        }

        _driver.ReceiveBlocks(_a, blocks[24..32]);
        Assert.Empty(_driver.Results.OfType<DropPeer>());

        _driver.ReceiveBlocks(_a, TestData.Block(100, 1));
        Assert.Equal(_a, Assert.Single(_driver.Results.OfType<DropPeer>()).Peer);
    }
}
