using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Peers;

namespace Bitswap.Node.Tests.Peers;

public sealed class AddressBookTests
{
    private static readonly PeerId _a = Libp2p.Crypto.PrivateKey.FromSeed(new byte[32]).PeerId;
    private static readonly Multiaddr _one = Multiaddr.Parse("/ip4/127.0.0.1/tcp/1");
    private static readonly Multiaddr _three = Multiaddr.Parse("/ip4/127.0.0.1/tcp/3");
    private static readonly Multiaddr _two = Multiaddr.Parse("/ip4/127.0.0.1/tcp/2");

    [Fact]
    public void The_addresses_used_last_come_first_each_with_its_peer()
    {
        AddressBook book = new(10);
        book.Note(_a, [_one], null);
        book.Note(_a, [_two, _one.WithPeerId(_a)], null);

        Assert.Equal([_two.WithPeerId(_a), _one.WithPeerId(_a)], Assert.Single(book.Find(_a)).Addresses);
        book.Forget(_a);
        Assert.Empty(book.Find(_a));
    }

    [Fact]
    public void What_a_stranger_gave_is_kept_on_its_terms_beside_what_the_caller_gave()
    {
        DialTerms far = new(AddressScope.World, DialRule.Default, 8);
        DialTerms near = far with { Source = AddressScope.Network };
        AddressBook book = new(10);
        book.Note(_a, [_one], far);
        Assert.Equal(far, Assert.Single(book.Find(_a)).Terms);
        book.Note(_a, [_two], null);
        book.Note(_a, [_three], far);
        Assert.Equal([null, far], book.Find(_a).Select(known => known.Terms));
        Assert.Equal([_two.WithPeerId(_a)], book.Find(_a)[0].Addresses);
        Assert.Equal([_three.WithPeerId(_a), _one.WithPeerId(_a)], book.Find(_a)[1].Addresses);

        book.Note(_a, [_one], near);
        Assert.Equal([_one.WithPeerId(_a)], book.Find(_a)[1].Addresses);
        Assert.Equal(near, book.Find(_a)[1].Terms);
    }

    [Fact]
    public void The_peer_that_was_used_longest_ago_gives_way_and_few_addresses_are_kept_of_each()
    {
        AddressBook book = new(3);
        PeerId[] peers = [.. Enumerable.Range(1, 4).Select(i => Libp2p.Crypto.PrivateKey.FromSeed([.. Enumerable.Repeat((byte)i, 32)]).PeerId)];
        book.Note(peers[0], [.. Enumerable.Range(1, 40).Select(i => Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{i}"))], null);
        book.Note(peers[1], [_one], null);
        book.Note(peers[2], [_one], null);
        book.Note(peers[0], [_one], null);
        book.Note(peers[3], [_one], null);

        Assert.Equal(16, Assert.Single(book.Find(peers[0])).Addresses.Count);
        Assert.Empty(book.Find(peers[1]));
        Assert.Single(book.Find(peers[2]));
        Assert.Single(book.Find(peers[3]));
    }

    [Fact]
    public void Nothing_is_kept_where_no_lost_peer_is()
    {
        AddressBook book = new(0);
        book.Note(_a, [_one], null);
        Assert.Empty(book.Find(_a));
    }
}
