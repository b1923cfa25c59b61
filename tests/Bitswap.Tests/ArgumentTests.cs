using Bitswap.Binding;
using Bitswap.Errors;

namespace Bitswap.Tests;

public sealed class ArgumentTests
{
    private const string Text = "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq";
    private const string Peer = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

    [Theory]
    [InlineData(Text)]
    [InlineData("/ipfs/" + Text)]
    [InlineData("ipfs://" + Text)]
    [InlineData("ipfs:" + Text)]
    [InlineData(" " + Text + "\n")]
    [InlineData("https://host.example/ipfs/" + Text)]
    [InlineData("https://" + Text + ".ipfs.host.example/")]
    public void A_cid_is_taken_as_text(string text) => Assert.Equal(Cid.Parse(Text), new CidArgument(text).Resolve());

    [Fact]
    public void A_cid_is_taken_as_object()
    {
        Cid cid = Cid.Parse(Text);
        Assert.Same(cid, new CidArgument(cid).Resolve());
    }

    [Fact]
    public void A_bad_cid_is_found_when_it_is_used_and_named()
    {
        CidArgument argument = new("nonsense");
        Fault fault = Assert.Throws<FaultException>(argument.Resolve).Fault;
        Assert.Equal(("InvalidCid", (object?)"nonsense"), (fault.ErrorId, fault.Target));
        Assert.Contains("nonsense", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_is_taken_as_id_and_as_address()
    {
        PeerId peer = PeerId.Parse(Peer);
        Assert.Equal(peer, new PeerArgument(Peer).Resolve());
        Assert.Same(peer, new PeerArgument(peer).Resolve());
        PeerArgument dialled = new($"/ip4/127.0.0.1/tcp/4001/p2p/{Peer}");
        Assert.Equal(peer, dialled.Resolve());
        Assert.Equal($"/ip4/127.0.0.1/tcp/4001/p2p/{Peer}", Assert.Single(dialled.Addresses).ToString());
        Assert.Empty(new PeerArgument(Peer).Addresses);
    }

    [Theory]
    [InlineData("nobody", "InvalidPeerId")]
    [InlineData("/ip4/127.0.0.1/tcp/4001", "InvalidPeerId")]
    [InlineData("/nonsense", "InvalidPeerId")]
    public void What_names_no_peer_is_refused(string text, string errorId) =>
        Assert.Equal(errorId, Assert.Throws<FaultException>(new PeerArgument(text).Resolve).Fault.ErrorId);

    [Fact]
    public void An_address_is_taken_as_text_and_as_object()
    {
        Multiaddr address = Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001");
        Assert.Equal([address], new MultiaddrArgument("/ip4/127.0.0.1/tcp/4001").Resolve());
        Assert.Equal([address], new MultiaddrArgument(address).Resolve());
        Assert.Equal("InvalidMultiaddr", Assert.Throws<FaultException>(new MultiaddrArgument("localhost:80").Resolve).Fault.ErrorId);
    }

    [Fact]
    public void Without_a_node_there_is_no_guess()
    {
        Assert.Equal("NoNode", Assert.Throws<FaultException>(() => NodeResolver.Resolve(null, [])).Fault.ErrorId);
        Assert.Equal("NoNode", Assert.Throws<FaultException>(() => NodeResolver.Resolve(new NodeArgument("alice"), [])).Fault.ErrorId);
    }
}
