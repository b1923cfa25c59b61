using Bitswap.Node.Peers;

namespace Bitswap.Node.Tests.Peers;

public sealed class AddressBookTests
{
    private static readonly PeerId _a = Libp2p.Crypto.PrivateKey.FromSeed(new byte[32]).PeerId;
    private static readonly Multiaddr _one = Multiaddr.Parse("/ip4/127.0.0.1/tcp/1");
    private static readonly Multiaddr _two = Multiaddr.Parse("/ip4/127.0.0.1/tcp/2");

    [Fact]
    public void The_addresses_used_last_come_first_each_with_its_peer()
    {
        AddressBook book = new(10);
        book.Note(_a, [_one]);
        book.Note(_a, [_two, _one.WithPeerId(_a)]);

        Assert.Equal([_two.WithPeerId(_a), _one.WithPeerId(_a)], book.Find(_a));
        book.Forget(_a);
        Assert.Empty(book.Find(_a));
    }

    [Fact]
    public void The_peer_that_was_used_longest_ago_gives_way_and_few_addresses_are_kept_of_each()
    {
        AddressBook book = new(3);
        PeerId[] peers = [.. Enumerable.Range(1, 4).Select(i => Libp2p.Crypto.PrivateKey.FromSeed([.. Enumerable.Repeat((byte)i, 32)]).PeerId)];
        book.Note(peers[0], [.. Enumerable.Range(1, 40).Select(i => Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{i}"))]);
        book.Note(peers[1], [_one]);
        book.Note(peers[2], [_one]);
        book.Note(peers[0], [_one]);
        book.Note(peers[3], [_one]);

        Assert.Equal(16, book.Find(peers[0]).Count);
        Assert.Empty(book.Find(peers[1]));
        Assert.Single(book.Find(peers[2]));
        Assert.Single(book.Find(peers[3]));
    }

    [Fact]
    public void Nothing_is_kept_where_no_lost_peer_is()
    {
        AddressBook book = new(0);
        book.Note(_a, [_one]);
        Assert.Empty(book.Find(_a));
    }
}
