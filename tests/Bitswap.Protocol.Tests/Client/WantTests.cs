using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Tests.Client;

public sealed class WantTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new();

    [Fact]
    public void A_block_in_the_store_ends_the_want_without_telling_anybody()
    {
        Block block = TestData.Block(1);
        _driver.Store[block.Cid.Hash] = block.Data;
        _driver.Connect(_a);

        long id = _driver.Want(block.Cid);

        BlockReceived received = Assert.IsType<BlockReceived>(Assert.Single(_driver.Results));
        Assert.Equal([id], received.WantIds);
        Assert.Null(received.From);
        Assert.Empty(_driver.TakeSent(_a));
    }

    [Fact]
    public void One_connected_peer_is_asked_for_the_block_straight_away_in_a_full_wantlist()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);

        _driver.Want(block.Cid, priority: 7);

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.True(message.Full);
        Assert.Equal(new WantlistEntry(block.Cid, 7, false, WantType.Block, SendDontHave: true), Assert.Single(message.Wantlist));
    }

    [Theory]
    [InlineData(BitswapVersion.Unversioned)]
    [InlineData(BitswapVersion.V100)]
    [InlineData(BitswapVersion.V110)]
    public void A_peer_before_1_2_0_is_asked_for_blocks_only_and_never_for_DONT_HAVE(BitswapVersion version)
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a, version);

        _driver.Want(block.Cid);

        Assert.Equal(new WantlistEntry(block.Cid, 1, false, WantType.Block, false), Assert.Single(_driver.TakeEntries(_a)));
    }

    [Fact]
    public void Two_callers_share_one_want_and_only_the_last_to_cancel_withdraws_it()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        long first = _driver.Want(block.Cid);
        long second = _driver.Want(block.Cid);
        Assert.Single(_driver.TakeEntries(_a));

        _driver.Cancel(first);

        Assert.Empty(_driver.TakeEntries(_a));
        Assert.Equal((first, WantEndReason.Cancelled), _driver.Ended.Select(e => (e.WantId, e.Reason)).Single());

        _driver.Cancel(second);

        WantlistEntry cancel = Assert.Single(_driver.TakeEntries(_a));
        Assert.True(cancel.Cancel);
        Assert.Equal(block.Cid, cancel.Cid);
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void A_cancel_goes_to_the_peers_that_were_asked_and_to_no_other()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        long id = _driver.Want(block.Cid);
        _driver.TakeSent(_a);
        _driver.Connect(_b);

        _driver.Cancel(id);

        Assert.True(Assert.Single(_driver.TakeEntries(_a)).Cancel);
        Assert.Empty(_driver.TakeSent(_b));
    }

    [Fact]
    public void A_want_that_was_not_told_yet_is_withdrawn_without_a_word()
    {
        _driver.HoldSends = true;
        _driver.Connect(_a);
        long[] ids = [.. Enumerable.Range(0, 3).Select(i => _driver.Want(TestData.Block(i).Cid))];
        Assert.Equal(2, _driver.HeldSends.Count);

        _driver.Cancel(ids[2]);
        _driver.HoldSends = false;
        _driver.ReleaseSends();

        Assert.Equal(2, _driver.TakeEntries(_a).Count);
    }

    [Fact]
    public void A_block_asked_for_as_CIDv0_and_as_CIDv1_satisfies_both_each_under_its_own_name()
    {
        Block v1 = TestData.Block(1, codec: Multicodec.DagPb);
        Block v0 = v1.AsV0();
        _driver.Connect(_a);
        long first = _driver.Want(v0.Cid);
        long second = _driver.Want(v1.Cid);

        _driver.ReceiveBlocks(_a, v1);

        BlockReceived[] received = [.. _driver.Results.OfType<BlockReceived>()];
        Assert.Equal(2, received.Length);
        Assert.Contains(received, r => r.WantIds.SequenceEqual([first]) && r.Block.Cid.Equals(v0.Cid));
        Assert.Contains(received, r => r.WantIds.SequenceEqual([second]) && r.Block.Cid.Equals(v1.Cid));
    }

    [Fact]
    public void A_block_is_given_out_only_once_it_is_stored()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        _driver.Want(block.Cid);
        _driver.HoldStore = true;

        _driver.ReceiveBlocks(_a, block);

        Assert.Empty(_driver.Results);
        Assert.IsType<StoreBlock>(Assert.Single(_driver.HeldStoreRequests));
        _driver.ReleaseStore();
        Assert.IsType<BlockReceived>(Assert.Single(_driver.Results));
    }

    [Fact]
    public void A_store_that_fails_ends_the_want_with_what_it_said()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        long id = _driver.Want(block.Cid);
        _driver.StoreError = "disk full";

        _driver.ReceiveBlocks(_a, block);

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal((id, WantEndReason.StoreFailed, "disk full"), (ended.WantId, ended.Reason, ended.Detail));
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void A_want_cancelled_while_its_block_is_stored_ends_and_the_block_is_still_served()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.ReceiveWants(_b, new WantlistEntry(block.Cid));
        long id = _driver.Want(block.Cid, only: [_a]);
        _driver.HoldStore = true;
        _driver.ReceiveBlocks(_a, block);

        _driver.Cancel(id);
        Assert.Equal(WantEndReason.Cancelled, Assert.Single(_driver.Ended).Reason);
        _driver.HoldStore = false;
        _driver.ReleaseStore();

        Assert.Empty(_driver.Received);
        Assert.Equal(block.Data.ToArray(), Assert.Single(Assert.Single(_driver.TakeSent(_b)).Blocks).Data.ToArray());
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void A_want_ends_at_its_deadline_and_is_withdrawn()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        long id = _driver.Want(block.Cid, timeout: TimeSpan.FromSeconds(3));
        _driver.TakeSent(_a);

        _driver.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Empty(_driver.Ended);
        _driver.Advance(TimeSpan.FromSeconds(0.1));

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal((id, WantEndReason.Timeout), (ended.WantId, ended.Reason));
        Assert.Equal(PeerAnswerKind.Waiting, Assert.Single(ended.Answers).Kind);
        Assert.True(Assert.Single(_driver.TakeEntries(_a)).Cancel);
    }

    [Fact]
    public void A_want_waits_for_a_peer_and_is_asked_as_soon_as_one_comes()
    {
        Block block = TestData.Block(1);
        _driver.Want(block.Cid, failFast: true);
        _driver.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(_driver.Results);

        _driver.Connect(_a);

        Assert.Equal(block.Cid, Assert.Single(_driver.TakeEntries(_a)).Cid);
    }

    [Fact]
    public void Wants_are_told_again_in_a_full_wantlist_after_a_reconnect()
    {
        Block[] blocks = [.. Enumerable.Range(0, 5).Select(i => TestData.Block(i))];
        _driver.Connect(_a);
        foreach (Block block in blocks)
        {
            _driver.Want(block.Cid);
        }

        _driver.ReceiveBlocks(_a, blocks[0]);
        _driver.Disconnect(_a);
        _driver.TakeSent(_a);
        _driver.Connect(_a);

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.True(message.Full);
        Assert.Equal(blocks[1..].Select(b => b.Cid), message.Wantlist.Select(e => e.Cid));
    }

    [Fact]
    public void A_local_only_want_ends_at_a_miss_and_nobody_is_asked()
    {
        _driver.Connect(_a);

        long id = _driver.Want(TestData.Block(1).Cid, localOnly: true);

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal((id, WantEndReason.NotFound), (ended.WantId, ended.Reason));
        Assert.Empty(_driver.TakeSent(_a));
    }

    [Fact]
    public void An_identity_CID_is_its_own_block()
    {
        _driver.Connect(_a);
        Cid cid = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Identity, "hello"u8));

        _driver.Want(cid);

        Assert.Equal("hello"u8.ToArray(), Assert.IsType<BlockReceived>(Assert.Single(_driver.Results)).Block.Data.ToArray());
        Assert.Empty(_driver.TakeSent(_a));
    }

    [Theory]
    [InlineData(MultihashCode.Sha256)]
    [InlineData(MultihashCode.Sha512)]
    [InlineData(MultihashCode.Blake3)]
    public void The_block_of_zero_bytes_is_asked_of_nobody(ulong hash)
    {
        Cid cid = Cid.Compute(Multicodec.Raw, [], hash);
        _driver.HoldStore = true;
        _driver.Connect(_a);

        long block = _driver.Want(cid, failFast: true);
        long have = _driver.Want(cid, type: WantType.Have, only: [_a], skipStore: true);

        Assert.Equal([block], _driver.Received);
        Assert.True(_driver.Results.OfType<BlockReceived>().Single().Block.Data.IsEmpty);
        Assert.Equal((have, null), _driver.Haves.Select(answer => (answer.WantId, answer.From)).Single());
        Assert.Empty(_driver.HeldStoreRequests);
        Assert.Empty(_driver.TakeSent(_a));
    }

    public static TheoryData<string> NoBlocks =>
    [
        "bafkreez3itiri7ghbbf6lzej7paxyxy2qznpw",
        Cid.Compute(Multicodec.Raw, new byte[129], MultihashCode.Identity).ToString(),
        Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(0xd5, new byte[16])).ToString(),
        Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Sha256, new byte[33])).ToString(),
    ];

    [Theory]
    [MemberData(nameof(NoBlocks))]
    public void What_no_block_may_be_named_is_refused_at_once_and_asked_of_nobody(string text)
    {
        _driver.HoldStore = true;
        _driver.Connect(_a);

        long id = _driver.Want(Cid.Parse(text));
        _driver.Want(Cid.Parse(text), type: WantType.Have, skipStore: true);

        Assert.Equal([id, id + 1], _driver.Ended.Select(ended => ended.WantId));
        Assert.All(_driver.Ended, ended => Assert.Equal(WantEndReason.Refused, ended.Reason));
        Assert.Contains("names no block", _driver.Ended.First().Detail);
        Assert.Empty(_driver.HeldStoreRequests);
        Assert.Empty(_driver.TakeSent(_a));
    }

    [Fact]
    public void A_block_put_by_the_user_satisfies_the_want_and_withdraws_it()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        long id = _driver.Want(block.Cid);
        long have = _driver.Want(block.Cid, type: WantType.Have);
        _driver.TakeSent(_a);

        _driver.Add(block);

        Assert.Equal([id], _driver.Received);
        Assert.Equal(have, Assert.Single(_driver.Haves).WantId);
        Assert.True(Assert.Single(_driver.TakeEntries(_a)).Cancel);
    }

    [Fact]
    public void A_block_put_while_the_store_was_being_asked_is_found()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_a);
        _driver.HoldStore = true;
        long id = _driver.Want(block.Cid);
        var load = Assert.IsType<LoadBlocks>(Assert.Single(_driver.HeldStoreRequests));
        _driver.HeldStoreRequests.Clear();
        _driver.HoldStore = false;
        _driver.Add(block);

        _driver.Engine.BlocksLoaded(load.RequestId, [null], _driver.Now);
        _driver.Run();

        Assert.Equal([id], _driver.Received);
        Assert.Empty(_driver.TakeSent(_a));
    }

    [Fact]
    public void CancelCid_ends_every_callers_want()
    {
        Block block = TestData.Block(1, codec: Multicodec.DagPb);
        _driver.Connect(_a);
        long first = _driver.Want(block.Cid);
        long second = _driver.Want(block.AsV0().Cid);

        _driver.Engine.CancelCid(block.Cid, _driver.Now);
        _driver.Run();

        Assert.Equal([first, second], _driver.Ended.Select(e => e.WantId));
        Assert.All(_driver.Ended, e => Assert.Equal(WantEndReason.Cancelled, e.Reason));
    }

    [Fact]
    public void A_want_over_the_limit_is_refused()
    {
        var driver = new EngineDriver(new EngineOptions { MaxWants = 2 });
        driver.Want(TestData.Block(1).Cid);
        driver.Want(TestData.Block(2).Cid);

        long third = driver.Want(TestData.Block(3).Cid);

        WantEnded ended = Assert.Single(driver.Ended);
        Assert.Equal((third, WantEndReason.TooManyWants), (ended.WantId, ended.Reason));
    }

    [Fact]
    public void An_id_that_is_open_is_refused()
    {
        var request = new WantRequest { Id = 1, Cid = TestData.Block(1).Cid };
        _driver.Engine.Want(request, _driver.Now);
        Assert.Throws<ArgumentException>(() => _driver.Engine.Want(request, _driver.Now));
    }
}
