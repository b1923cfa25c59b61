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

    /// <summary>Connects where that is needed, tells the peer that this host provides something, and lets go of the connection.</summary>
    /// <param name="peer">Who is told, and where it is.</param>
    /// <param name="keys">What is provided, at least one multihash; all over one stream.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<KademliaProvideResult> ProvideAsync(KademliaPeer peer, IReadOnlyList<byte[]> keys, CancellationToken ct)
    {
        try
        {
            using ConnectionLease lease = host.Leases.Take(peer.Id);
            Libp2pConnection connection = await ConnectAsync(peer, ct).ConfigureAwait(false);
            AddressScope reach = AddressScopes.Of(connection.RemoteAddress);
            KademliaPeer self = new(host.PeerId, [.. KademliaAnnouncement.AddressesFor(host.AnnouncedAddresses, reach).Take(options.MaxAddressesPerPeer)]);
            if (self.Addresses.Count == 0)
            {
                return new KademliaProvideResult(peer.Id, new Libp2pException(
                    Libp2pErrorIds.UnsupportedAddress, $"{peer.Id} was not told, since this host listens on no address that reaches as far as that of the peer, {connection.RemoteAddress}."))
                {
                    IsOutOfReach = true,
                };
            }
            if (!await TellAsync(peer, keys, self, ct).ConfigureAwait(false))
            {
                // it reads one message of a stream, as py-libp2p does
                foreach (byte[] key in keys.Skip(1))
                {
                    await TellAsync(peer, [key], self, ct).ConfigureAwait(false);
                }
            }
            return new KademliaProvideResult(peer.Id, null);
        }
        catch (Libp2pException error)
        {
            return new KademliaProvideResult(peer.Id, error);
        }
    }

    private async ValueTask<Libp2pConnection> ConnectAsync(KademliaPeer peer, CancellationToken ct)
    {
        Multiaddr[] addresses = [.. peer.Addresses.Where(AddressTransports.IsDirect)];
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
            Multiaddr? proven = connection.Direction == ConnectionDirection.Outbound ? connection.RemoteAddress : null;
            IEnumerable<Multiaddr> first = proven is null ? [] : [proven];
            return new KademliaReply(peer with { Addresses = [.. first.Concat(peer.Addresses).Distinct().Take(options.MaxAddressesPerPeer)] }, answer, null)
            {
                Proven = proven,
            };
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PeerUnreachable, $"{peer.Id} did not answer within {nameof(KademliaOptions.RequestTimeout)} ({options.RequestTimeout}).");
        }
    }

    /// <summary>Tells a peer over one stream.</summary>
    /// <returns>Whether it has read every message; otherwise it has read the first, and maybe no more.</returns>
    private async Task<bool> TellAsync(KademliaPeer peer, IReadOnlyList<byte[]> keys, KademliaPeer self, CancellationToken ct)
    {
        bool hasReadAll = false;
        using var timeout = new CancellationTokenSource(options.RequestTimeout, host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            Libp2pStream opened = await host.OpenStreamAsync(peer.Id, [options.ProtocolId], either.Token).ConfigureAwait(false);
            await opened.UseAsync(async stream =>
            {
                foreach (byte[] key in keys)
                {
                    // the time is that of one message: a slow peer that goes on taking them is no silent one
                    timeout.CancelAfter(options.RequestTimeout);
                    await stream.WriteAsync(KademliaCodec.EncodeProvider(key, self), either.Token).ConfigureAwait(false);
                }
                timeout.CancelAfter(options.RequestTimeout);

                // None of them is answered. A question behind them is, once they are read, and one that refuses them resets the stream. The end of our half would not do: js-libp2p resets the
                // stream at it, whatever it took.
                try
                {
                    await ExchangeAsync(stream, KademliaRequest.FindNode, KademliaCodec.EncodeRequest(KademliaRequest.FindNode, keys[0]), either.Token).ConfigureAwait(false);
                    hasReadAll = true;
                }
                catch (Libp2pException other) when (other.ErrorId == Libp2pErrorIds.ProtocolViolation)
                {
                    // it ended the stream, or answered something else
                }
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PeerUnreachable, $"{peer.Id} did not take it within {nameof(KademliaOptions.RequestTimeout)} ({options.RequestTimeout}).");
        }
        return hasReadAll;
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
