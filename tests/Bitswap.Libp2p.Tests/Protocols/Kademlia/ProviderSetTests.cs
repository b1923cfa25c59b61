using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class ProviderSetTests
{
    private static readonly PeerId _self = KademliaPeers.Id(0);

    [Fact]
    public void Each_is_given_once_and_never_ourselves()
    {
        ProviderSet set = new(10, _self);

        Assert.Equal([KademliaPeers.Id(1), KademliaPeers.Id(2)], Take(set, KademliaPeers.Peer(1), KademliaPeers.Peer(0), KademliaPeers.Peer(2), KademliaPeers.Peer(1)));
        Assert.Equal([KademliaPeers.Id(3)], Take(set, KademliaPeers.Peer(1), KademliaPeers.Peer(3)));
        Assert.Empty(set.TakeRest());
    }

    [Fact]
    public void One_without_an_address_waits_until_somebody_tells_one()
    {
        ProviderSet set = new(10, _self);

        Assert.Empty(Take(set, Bare(1), Bare(2), Bare(3)));
        Assert.Equal([KademliaPeers.Id(1)], Take(set, KademliaPeers.Peer(1)));
        KademliaPeer learnt = Assert.Single(set.Take([], id => id.Equals(KademliaPeers.Id(2)) ? KademliaPeers.Peer(2) : null));
        Assert.Equal([KademliaPeers.Address(2)], learnt.Addresses);
        Assert.Equal(KademliaPeers.Id(3), Assert.Single(set.TakeRest()).Id);
    }

    [Fact]
    public void No_more_than_the_limit_are_given_or_wait()
    {
        ProviderSet set = new(3, _self);

        Assert.Single(Take(set, KademliaPeers.Peer(1)));
        Assert.Empty(Take(set, Bare(2), Bare(3), Bare(4)));
        Assert.Empty(Take(set, KademliaPeers.Peer(5)));
        Assert.False(set.IsFull);
        Assert.Equal(2, Take(set, KademliaPeers.Peer(2), KademliaPeers.Peer(3)).Length);
        Assert.True(set.IsFull);
        Assert.Empty(Take(set, KademliaPeers.Peer(6)));
        Assert.Empty(set.TakeRest());
    }

    private static KademliaPeer Bare(int number) => new(KademliaPeers.Id(number), []);

    private static PeerId[] Take(ProviderSet set, params KademliaPeer[] told) => [.. set.Take(told, _ => null).Select(peer => peer.Id)];
}
