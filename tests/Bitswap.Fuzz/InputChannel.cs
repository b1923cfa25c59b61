using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Fuzz;

/// <summary>A connection on which the input comes, then the end, and nothing that is written goes anywhere.</summary>
internal sealed class InputChannel(ReadOnlyMemory<byte> input) : SecureChannel
{
    private static readonly PublicKey _key = PrivateKey.FromSeed(new byte[32]).PublicKey;
    private ReadOnlyMemory<byte> _left = input;
    private int _buffered;

    public override PeerId RemotePeer => _key.PeerId;

    public override PublicKey RemoteKey => _key;

    public override string? EarlyMuxer => null;

    public override int BufferedBytes => _buffered;

    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct) => ValueTask.FromResult(_left);

    public override void Advance(int consumed) => _left = _left[consumed..];

    public override void Write(ReadOnlySpan<byte> plaintext) => _buffered += plaintext.Length;

    public override ValueTask FlushAsync(CancellationToken ct)
    {
        _buffered = 0;
        return default;
    }

    public override void Abort()
    {
    }

    public override ValueTask DisposeAsync() => default;
}
