namespace Bitswap.Dag.Tests.Car;

/// <summary>A stream that cannot seek and gives a few bytes at a time.</summary>
internal sealed class DribbleStream(byte[] content, int most) : MemoryStream(content)
{
    public override bool CanSeek => false;

    public override long Position { get => base.Position; set => throw new NotSupportedException(); }

    public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
}
