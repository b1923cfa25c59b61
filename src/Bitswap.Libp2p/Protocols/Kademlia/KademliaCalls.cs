using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Asks single peers of the DHT, each over a stream of its own. Thread-safe.</summary>
internal sealed class KademliaCalls(Libp2pHost host, KademliaOptions options)
{
    /// <summary>Connects where that is needed, asks, and lets go of the connection.</summary>
    /// <param name="peer">Who, and where.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="frame">The request as <see cref="KademliaCodec.EncodeRequest"/> writes it.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The answer, or the error: a <see cref="Libp2pException"/>, or the cancellation.</returns>
    public async Task<KademliaReply> AskAsync(KademliaPeer peer, KademliaRequest request, ReadOnlyMemory<byte> frame, CancellationToken ct)
    {
        try
        {
            // a lookup asks dozens of peers, of which hardly one is needed again
            using ConnectionLease lease = host.Leases.Take(peer.Id);
            Libp2pConnection connection = await ConnectAsync(peer, ct).ConfigureAwait(false);
            return await RequestAsync(peer, connection, request, frame, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Libp2pException or OperationCanceledException)
        {
            return new KademliaReply(peer, null, error);
        }
    }

    private async ValueTask<Libp2pConnection> ConnectAsync(KademliaPeer peer, CancellationToken ct)
    {
        Multiaddr[] addresses = [.. peer.Addresses.Where(AddressTransports.IsDialable)];
        if (addresses.Length == 0)
        {
            throw new Libp2pException(Libp2pErrorIds.UnsupportedAddress, $"{peer.Id} has no TCP address that is known.");
        }
        using var timeout = new CancellationTokenSource(options.DialTimeout, host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            return await host.ReachAsync(addresses, peer.Id, TermsOf(peer), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PeerUnreachable, $"{peer.Id} was not reached within {nameof(KademliaOptions.DialTimeout)} ({options.DialTimeout}).");
        }
    }

    private DialTerms? TermsOf(KademliaPeer peer) =>
        peer.Source == AddressScope.Nowhere ? null : new DialTerms(peer.Source, options.Rule, options.MaxDialsPerPeer);

    private async Task<KademliaReply> RequestAsync(
        KademliaPeer peer, Libp2pConnection connection, KademliaRequest request, ReadOnlyMemory<byte> frame, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(options.RequestTimeout, host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            KademliaAnswer? answer = null;
            Libp2pStream opened = await host.OpenStreamAsync(peer.Id, [options.ProtocolId], either.Token).ConfigureAwait(false);
            await opened.UseAsync(async stream => answer = await ExchangeAsync(stream, request, frame, either.Token).ConfigureAwait(false)).ConfigureAwait(false);
            IEnumerable<Multiaddr> proven = connection.Direction == ConnectionDirection.Outbound ? [connection.RemoteAddress] : [];
            return new KademliaReply(
                peer with { Addresses = [.. proven.Concat(peer.Addresses).Distinct().Take(options.MaxAddressesPerPeer)] }, answer, null);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PeerUnreachable, $"{peer.Id} did not answer within {nameof(KademliaOptions.RequestTimeout)} ({options.RequestTimeout}).");
        }
    }

    // the writing half stays open until the answer is there: some peers take its end for a change of mind
    private async Task<KademliaAnswer> ExchangeAsync(Libp2pStream stream, KademliaRequest request, ReadOnlyMemory<byte> frame, CancellationToken ct)
    {
        await stream.WriteAsync(frame, ct).ConfigureAwait(false);
        AddressScope reach = AddressScopes.Of(stream.Connection.RemoteAddress);
        return await KademliaFrame.ReadAsync(
            stream.ReadAsync,
            options.MaxMessageSize,
            message => KademliaCodec.DecodeAnswer(message.Span, request, reach, options),
            ct).ConfigureAwait(false);
    }
}
