using System.Buffers;
using System.Buffers.Binary;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>
/// Secures a raw connection as <c>/noise</c> does (libp2p/specs, noise/README.md): XX over X25519, both sides prove their libp2p identity by
/// a signature over their Noise key, and name the muxers they speak, which spares the negotiation of one.
/// The order matters: nothing of a payload is believed before its signature fits the key that the transcript proved, and the initiator does
/// not show its own identity to anyone but the expected peer.
/// </summary>
internal static class NoiseHandshake
{
    /// <summary>Secures <paramref name="channel"/> as its dialer.</summary>
    /// <param name="channel">The connection, on which <c>/noise</c> was agreed. The returned channel owns it; it is aborted on any failure.</param>
    /// <param name="identity">This host's key.</param>
    /// <param name="expectedPeer">Who has to be at the other end; <see langword="null"/> for anyone.</param>
    /// <param name="muxers">The muxers spoken here, best first; the dialer's order decides.</param>
    /// <param name="options">Limits; <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Ends the handshake, and with it the connection. The caller's time limit comes in here.</param>
    /// <exception cref="Libp2pException">HandshakeFailed, PeerIdMismatch, ConnectionClosed.</exception>
    public static ValueTask<NoiseChannel> InitiateAsync(BufferedChannel channel, PrivateKey identity, PeerId? expectedPeer,
        IReadOnlyList<string> muxers, NoiseOptions? options, CancellationToken ct) =>
        RunAsync(true, channel, identity, expectedPeer, muxers, options ?? NoiseOptions.Default, ct);

    /// <summary>Secures <paramref name="channel"/> as its listener. All else is as in <see cref="InitiateAsync"/>.</summary>
    public static ValueTask<NoiseChannel> RespondAsync(BufferedChannel channel, PrivateKey identity, PeerId? expectedPeer,
        IReadOnlyList<string> muxers, NoiseOptions? options, CancellationToken ct) =>
        RunAsync(false, channel, identity, expectedPeer, muxers, options ?? NoiseOptions.Default, ct);

    private static async ValueTask<NoiseChannel> RunAsync(bool isInitiator, BufferedChannel channel, PrivateKey identity, PeerId? expectedPeer,
        IReadOnlyList<string> muxers, NoiseOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(muxers);
        using NoiseKeyPair staticKey = NoiseKeyPair.Generate();
        using NoiseKeyPair ephemeralKey = NoiseKeyPair.Generate();
        using NoiseHandshakeState state = new(isInitiator, staticKey, ephemeralKey, []);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(NoiseConstants.LengthPrefix + NoiseConstants.MaxMessage);
        try
        {
            ReadOnlyMemory<byte> ownPayload = NoisePayload.Create(identity, staticKey.PublicKey, muxers);
            NoisePayload remote;
            if (isInitiator)
            {
                await SendAsync(channel, state, default, 0, buffer, ct).ConfigureAwait(false);
                remote = await ReceiveIdentityAsync(channel, state, 1, expectedPeer, options, buffer, ct).ConfigureAwait(false);
                await SendAsync(channel, state, ownPayload, 2, buffer, ct).ConfigureAwait(false);
            }
            else
            {
                // the first message is neither encrypted nor authenticated: a payload in it says nothing
                await ReceiveAsync(channel, state, 0, options, buffer, ct).ConfigureAwait(false);
                await SendAsync(channel, state, ownPayload, 1, buffer, ct).ConfigureAwait(false);
                remote = await ReceiveIdentityAsync(channel, state, 2, expectedPeer, options, buffer, ct).ConfigureAwait(false);
            }
            string? muxer = isInitiator ? FirstCommon(muxers, remote.Muxers) : FirstCommon(remote.Muxers, muxers);
            (NoiseCipherState send, NoiseCipherState receive) = state.Split();
            return new NoiseChannel(channel, send, receive, remote.Key, remote.PeerId, muxer, remote.Muxers, options);
        }
        catch
        {
            // a connection in the middle of a handshake is of no use to anyone
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: false);
        }
    }

    private static ValueTask SendAsync(BufferedChannel channel, NoiseHandshakeState state, ReadOnlyMemory<byte> payload, int number, byte[] buffer, CancellationToken ct)
    {
        if (payload.Length > NoiseConstants.MaxMessage - NoiseHandshakeState.Overhead(number))
        {
            throw new Libp2pException(Libp2pErrorIds.LimitExceeded, "The own identity and muxers do not fit a Noise message.");
        }
        int length = state.WriteMessage(payload.Span, buffer.AsSpan(NoiseConstants.LengthPrefix));
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
        return channel.WriteAsync(buffer.AsMemory(0, NoiseConstants.LengthPrefix + length), ct);
    }

    private static async ValueTask<NoisePayload> ReceiveIdentityAsync(BufferedChannel channel, NoiseHandshakeState state, int number,
        PeerId? expectedPeer, NoiseOptions options, byte[] buffer, CancellationToken ct)
    {
        int length = await ReceiveAsync(channel, state, number, options, buffer, ct).ConfigureAwait(false);
        NoisePayload payload = NoisePayload.Verify(buffer.AsSpan(0, length), state.RemoteStatic);
        if (expectedPeer is not null && !expectedPeer.Equals(payload.PeerId))
        {
            throw new Libp2pException(Libp2pErrorIds.PeerIdMismatch, $"Expected peer {expectedPeer}, but {payload.PeerId} answered.");
        }
        return payload;
    }

    private static async ValueTask<int> ReceiveAsync(BufferedChannel channel, NoiseHandshakeState state, int number, NoiseOptions options,
        byte[] payload, CancellationToken ct)
    {
        int length = NoiseConstants.LengthPrefix;
        if (await channel.FillAsync(length, ct).ConfigureAwait(false))
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(channel.Buffered.Span);
            int limit = Math.Min(NoiseConstants.MaxMessage, options.MaxHandshakePayload + NoiseHandshakeState.Overhead(number));
            if (length > limit)
            {
                throw new Libp2pException(Libp2pErrorIds.HandshakeFailed,
                    $"The Noise handshake failed: message {number + 1} claims {length} bytes, more than the {limit} of {nameof(NoiseOptions.MaxHandshakePayload)}.");
            }
            length += NoiseConstants.LengthPrefix;
            if (await channel.FillAsync(length, ct).ConfigureAwait(false))
            {
                int payloadLength = state.ReadMessage(channel.Buffered.Span[NoiseConstants.LengthPrefix..length], payload);
                // what follows, should any have come already, stays where the secured channel finds it
                channel.Consume(length);
                return payloadLength;
            }
        }
        throw new Libp2pException(Libp2pErrorIds.HandshakeFailed,
            $"The Noise handshake failed: the other side ended before its message {number + 1}, after {channel.Buffered.Length} of {length} bytes.");
    }

    // libp2p/specs, connections/inlined-muxer-negotiation.md: the initiator's order decides
    private static string? FirstCommon(IReadOnlyList<string> initiators, IReadOnlyList<string> responders)
    {
        foreach (string muxer in initiators)
        {
            if (responders.Contains(muxer, StringComparer.Ordinal))
            {
                return muxer;
            }
        }
        return null;
    }
}
