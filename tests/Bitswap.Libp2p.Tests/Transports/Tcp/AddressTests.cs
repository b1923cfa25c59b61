using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Transports.Tcp;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Transports.Tcp;

public sealed class AddressTests
{
    private static readonly IPAddress[] _both = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1"), IPAddress.Parse("192.0.2.2")];

    [Fact]
    public void Families_take_turns_and_IPv6_begins()
    {
        List<DialTarget> ordered = AddressOrder.Interleave(
            new[] { "192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:1", "[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1" }.Select(text => new DialTarget(IPEndPoint.Parse(text))));

        Assert.Equal(
            ["[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1", "192.0.2.2:1", "192.0.2.3:1"], ordered.Select(target => target.EndPoint.ToString()));
    }

    [Theory]
    [InlineData("/dns/example.com/tcp/4001", "[2001:db8::1]:4001 192.0.2.1:4001 192.0.2.2:4001")]
    [InlineData("/dns4/example.com/tcp/4001", "192.0.2.1:4001 192.0.2.2:4001")]
    [InlineData("/dns6/example.com/tcp/4001", "[2001:db8::1]:4001")]
    [InlineData("/ip4/198.51.100.7/tcp/1", "198.51.100.7:1")]
    public async Task A_name_gives_the_families_that_are_asked_for(string address, string expected)
    {
        var resolver = new AddressResolver(TimeSpan.FromSeconds(1), TimeProvider.System, (_, _) => Task.FromResult(_both));

        IReadOnlyList<DialTarget> found = await resolver.ResolveAsync(Multiaddr.Parse(address), CancellationToken.None);

        Assert.Equal(expected, string.Join(' ', found.Select(target => target.EndPoint)));
    }

    [Fact]
    public async Task A_name_without_the_family_says_so()
    {
        var resolver = new AddressResolver(TimeSpan.FromSeconds(1), TimeProvider.System, (_, _) => Task.FromResult(new[] { IPAddress.Loopback }));

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(
            () => resolver.ResolveAsync(Multiaddr.Parse("/dns6/example.com/tcp/4001"), CancellationToken.None));

        Assert.Equal(Libp2pErrorIds.PeerUnreachable, error.ErrorId);
        Assert.Contains("example.com", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_name_says_so()
    {
        var resolver = new AddressResolver(
            TimeSpan.FromSeconds(1), TimeProvider.System, (_, _) => throw new SocketException((int)SocketError.HostNotFound));

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(
            () => resolver.ResolveAsync(Multiaddr.Parse("/dns/nowhere.invalid/tcp/4001"), CancellationToken.None));

        Assert.Equal(Libp2pErrorIds.PeerUnreachable, error.ErrorId);
        Assert.Contains("nowhere.invalid", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_up_without_an_answer_ends_in_time()
    {
        FakeTimeProvider clock = new();
        var never = new TaskCompletionSource<IPAddress[]>();
        var resolver = new AddressResolver(TimeSpan.FromSeconds(5), clock, (_, _) => never.Task);
        Task<IReadOnlyList<DialTarget>> lookUp = resolver.ResolveAsync(Multiaddr.Parse("/dns/slow.example/tcp/4001"), CancellationToken.None);

        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(lookUp.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.1));

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => lookUp.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, error.ErrorId);
    }

    [Fact]
    public void A_dnsaddr_with_more_than_a_peer_is_refused()
    {
        Libp2pException error = Assert.Throws<Libp2pException>(
            () => AddressResolver.ParseLiteral(Multiaddr.Parse("/dnsaddr/bootstrap.libp2p.io/tcp/4001")));

        Assert.Equal(Libp2pErrorIds.UnsupportedAddress, error.ErrorId);
        Assert.Contains("/dnsaddr", error.Message, StringComparison.Ordinal);
        Assert.Contains("TXT", error.Message, StringComparison.Ordinal);
    }
}
