using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace Bitswap.Libp2p.Security.Psk;

/// <summary>
/// Represents a connection within a private network (libp2p specs, pnet/Private-Networks-PSK-V1-Spec.md): each side sends 24 random bytes, and behind them everything encrypted by
/// XSalsa20 with them and the key of the network. It keeps others out and proves nothing of what is changed on the way, which the security protocol above does.
/// </summary>
internal sealed class PrivateChannel : BufferedChannel
{
    private const int NonceLength = 24;

    // as long as what one write of the layers above holds for the most part
    private const int MaxWrite = 64 * 1024;

    private readonly BufferedChannel _carrier;
    private readonly SwarmKey _key;
    private readonly byte[] _theirNonce = new byte[NonceLength];
    private readonly XSalsa20Engine _outgoing;
    private XSalsa20Engine? _incoming;
    private int _nonceReceived;

    private PrivateChannel(BufferedChannel carrier, SwarmKey key, ReadOnlySpan<byte> nonce)
    {
        _carrier = carrier;
        _key = key;
        _outgoing = CipherOf(nonce);
    }

    /// <summary>Begins it. This side's random bytes go at once, whichever side dialled, since js-libp2p waits for them before it sends anything else.</summary>
    /// <param name="carrier">The connection beneath, which is owned from here on.</param>
    /// <param name="key">The key of the network.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Libp2pException">ConnectionClosed.</exception>
    public static async ValueTask<PrivateChannel> OpenAsync(BufferedChannel carrier, SwarmKey key, CancellationToken ct)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceLength);
        await carrier.WriteAsync(nonce, ct).ConfigureAwait(false);
        return new PrivateChannel(carrier, key, nonce);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        byte[] encrypted = ArrayPool<byte>.Shared.Rent(Math.Min(data.Length, MaxWrite));
        try
        {
            while (!data.IsEmpty)
            {
                int count = Math.Min(data.Length, Math.Min(encrypted.Length, MaxWrite));
                _outgoing.ProcessBytes(data.Span[..count], encrypted);
                await _carrier.WriteAsync(encrypted.AsMemory(0, count), ct).ConfigureAwait(false);
                data = data[count..];
            }
        }
        catch
        {
            // the key stream has moved on and cannot go back
            Abort();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encrypted);
        }
    }

    /// <inheritdoc/>
    public override void Abort() => _carrier.Abort();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        await _carrier.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="Libp2pException">PrivateNetwork: the other side begins as a peer without a swarm key does. ConnectionClosed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct)
    {
        while (_incoming is null)
        {
            int received = await _carrier.ReadAsync(_theirNonce.AsMemory(_nonceReceived), ct).ConfigureAwait(false);
            if (received == 0)
            {
                return 0;
            }

            _nonceReceived += received;
            if (_theirNonce.AsSpan(0, _nonceReceived).StartsWith("\u0013/multistream/1.0.0\n"u8))
            {
                throw new Libp2pException(Libp2pErrorIds.PrivateNetwork, "The other side has no swarm key: it greets as a peer of the public network does, and this host has one.");
            }

            if (_nonceReceived == NonceLength)
            {
                _incoming = CipherOf(_theirNonce);
            }
        }

        int count = await _carrier.ReadAsync(destination, ct).ConfigureAwait(false);
        _incoming.ProcessBytes(destination.Span[..count], destination.Span);
        return count;
    }

    /// <inheritdoc/>
    protected override ValueTask WaitAsync(CancellationToken ct) => _carrier.WaitForDataAsync(ct);

    private XSalsa20Engine CipherOf(ReadOnlySpan<byte> nonce)
    {
        XSalsa20Engine cipher = new();
        cipher.Init(true, new ParametersWithIV(new KeyParameter(_key.Secret), nonce));
        return cipher;
    }
}
