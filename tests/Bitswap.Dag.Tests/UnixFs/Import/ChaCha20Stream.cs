using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>
/// The deterministic bytes that Kubo's own tests add (kubo <c>test/cli/testutils/random_deterministic.go</c>): the ChaCha20 key stream
/// (RFC 8439) under the SHA-256 of a seed, with a nonce and a counter of zero.
/// </summary>
internal sealed class ChaCha20Stream : Stream
{
    private readonly ChaCha7539Engine _keyStream = new();
    private readonly long _length;

    public ChaCha20Stream(string seed, long length)
    {
        _length = length;
        _keyStream.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(SHA256.HashData(Encoding.UTF8.GetBytes(seed))), new byte[12]));
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, _length - Position);
        Span<byte> read = buffer[..count];
        read.Clear();
        _keyStream.ProcessBytes(read, read);
        Position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
