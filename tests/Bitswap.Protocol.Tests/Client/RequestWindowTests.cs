namespace Bitswap.Protocol.Tests.Client;

/// <summary>How many blocks are asked of one peer at a time while another could be asked as well.</summary>
public sealed class RequestWindowTests
{
    private const int First = 8;
    private const int Least = 4;

    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly Dictionary<Cid, Block> _blocks = Enumerable.Range(0, 400).Select(i => TestData.Block(i, 20_000)).ToDictionary(b => b.Cid);
    private readonly EngineDriver _driver = new();
    private readonly List<Cid> _open = [];

    [Fact]
    public void Quick_answers_widen_it()
    {
        Start();
        Assert.Equal(First, _open.Count);

        Answer(_open.Count, TimeSpan.FromMilliseconds(100));

        Assert.Equal(2 * First, _open.Count);
    }

    [Fact]
    public void Slow_answers_narrow_it_but_never_to_less_than_the_least()
    {
        Start();
        for (int i = 1; i <= Least; i++)
        {
            AnswerOne();
            Assert.Equal(First - i, _open.Count);
        }

        for (int i = 0; i < 20; i++)
        {
            AnswerOne();
            Assert.Equal(Least, _open.Count);
        }
    }

    [Fact]
    public void Answers_that_take_about_half_a_second_leave_it_as_it_is()
    {
        Start();
        for (int i = 0; i < 5; i++)
        {
            Answer(First, TimeSpan.FromMilliseconds(550));
            Assert.Equal(First, _open.Count);
        }
    }

    [Fact]
    public void A_peer_that_is_far_away_is_not_slow_for_that()
    {
        _driver.Connect(_a);
        _driver.Engine.PeerLatency(_a, TimeSpan.FromMilliseconds(900), _driver.Now);
        Start();

        Answer(_open.Count, TimeSpan.FromMilliseconds(1150));
        Assert.Equal(4 * First, _open.Count);
        Answer(_open.Count, TimeSpan.FromMilliseconds(1500));
        Assert.Equal(4 * First, _open.Count);
    }

    [Fact]
    public void It_grows_fourfold_each_round_trip_until_blocks_wait_for_one_another()
    {
        _driver.Connect(_a);
        _driver.Engine.PeerLatency(_a, TimeSpan.FromMilliseconds(40), _driver.Now);
        Start();

        Answer(_open.Count, TimeSpan.FromMilliseconds(40));
        Assert.Equal(4 * First, _open.Count);
        Answer(_open.Count - 1, TimeSpan.FromMilliseconds(70));
        int before = _open.Count;
        Assert.InRange(before, (16 * First) - 3, 16 * First);

        // one that waited, and from then on one more for each
        Answer(1, TimeSpan.FromMilliseconds(100));
        Answer(1, TimeSpan.FromMilliseconds(0));
        Assert.Equal(before + 2, _open.Count);
    }

    [Fact]
    public void Silence_narrows_it_more_than_a_slow_answer_does()
    {
        Start();
        Cid late = _open[0];
        _driver.Advance(TimeSpan.FromSeconds(4.9));
        _driver.Engine.PeerActivity(_b, _driver.Now);
        _driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.InRange(_driver.Engine.Stat().SimulatedDontHaves, First, _blocks.Count);
        Take();
        _open.Clear();

        // it is asked for blocks again once it has sent one
        _driver.ReceiveBlocks(_a, _blocks[late]);
        Take();

        Assert.Equal(Least, _open.Count);
    }

    [Fact]
    public void Where_no_other_peer_could_be_asked_there_is_none()
    {
        _driver.Connect(_a);
        WantAll();
        Take();

        Assert.InRange(_open.Count, 10 * First, _blocks.Count);
    }

    /// <summary>Two peers, of which the other is asked for as much as it may be, and has a large block under way for ever; <see cref="_open"/> is what the first is asked for.</summary>
    private void Start()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Engine.PeerLatency(_b, TimeSpan.FromMinutes(1), _driver.Now);
        WantAll();
        Take();
    }

    private void WantAll()
    {
        foreach (Cid cid in _blocks.Keys)
        {
            _driver.Want(cid, run: false);
        }

        _driver.Run();
    }

    /// <summary>So many of the oldest requests are answered at once, after a time in which nothing is said.</summary>
    private void Answer(int count, TimeSpan time)
    {
        _driver.Advance(time);
        _driver.Engine.PeerActivity(_b, _driver.Now);
        Block[] blocks = [.. _open.Take(count).Select(cid => _blocks[cid])];
        _open.RemoveRange(0, count);
        _driver.ReceiveBlocks(_a, blocks);
        Take();
    }

    /// <summary>A second after the last answer the oldest request is answered: it has waited for a second or longer.</summary>
    private void AnswerOne() => Answer(1, TimeSpan.FromSeconds(1));

    private void Take() => _open.AddRange(_driver.TakeEntries(_a).Where(e => e.Type == WantType.Block && !e.Cancel).Select(e => e.Cid));
}
