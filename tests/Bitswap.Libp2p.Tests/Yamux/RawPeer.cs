using System.Buffers.Binary;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Tests.Support;
using Bitswap.Libp2p.Yamux;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Yamux;

/// <summary>A session under test whose peer is the test itself, frame by frame.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    public RawPeer(bool sessionIsInitiator, YamuxOptions? options = null, int capacity = 4 * 1024 * 1024, ReceiveShares? shares = null)
    {
        (SessionChannel, Channel) = MemorySecureChannel.CreatePair(capacity);
        Session = new YamuxSession(SessionChannel, sessionIsInitiator, options ?? YamuxOptions.Default, Time, shares);
        Run = Session.RunAsync();
    }

    private uint _probe;

    public FakeTimeProvider Time { get; } = new();

    public MemorySecureChannel SessionChannel { get; }

    /// <summary>The peer's end.</summary>
    public MemorySecureChannel Channel { get; }

    public YamuxSession Session { get; }

    public Task Run { get; }

    public async Task SendAsync(params byte[][] pieces)
    {
        foreach (byte[] piece in pieces)
        {
            await Channel.WriteAsync(piece, default).Within();
        }
    }

    public Task SendAsync(byte type, ushort flags, uint stream, uint length, byte[]? payload = null) =>
        SendAsync([.. Header(type, flags, stream, length), .. payload ?? []]);

    public static byte[] Header(byte type, ushort flags, uint stream, uint length)
    {
        byte[] header = new byte[12];
        header[1] = type;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), flags);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), stream);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), length);
        return header;
    }

    public async Task<byte[]> ReceiveAsync(int count)
    {
        byte[] bytes = new byte[count];
        for (int read = 0; read < count;)
        {
            int more = await Channel.ReadAsync(bytes.AsMemory(read), default).Within();
            Assert.True(more > 0, $"the session closed after {read} of {count} bytes");
            read += more;
        }
        return bytes;
    }

    /// <summary>Reads exactly the frame of these fields.</summary>
    public async Task ExpectAsync(byte type, ushort flags, uint stream, uint length, byte[]? payload = null)
    {
        byte[] expected = [.. Header(type, flags, stream, length), .. payload ?? []];
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(await ReceiveAsync(expected.Length)));
    }

    /// <summary>Nothing was sent that has not been received: a ping, which the session answers behind all else, comes back alone.</summary>
    public async Task ExpectSilenceAsync()
    {
        uint value = ++_probe + 0xabcd0000;
        await SendAsync(2, 1, 0, value);
        await ExpectAsync(2, 2, 0, value);
    }

    /// <summary>The session says go-away with <paramref name="code"/> and closes.</summary>
    public async Task ExpectGoAwayAsync(uint code)
    {
        await ExpectAsync(3, 0, 0, code);
        Assert.Equal(0, await Channel.ReadAsync(new byte[1], default).Within());
        await Run.Within();
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Abort();
        await Session.DisposeAsync().Within();
        await Run.Within();
    }
}
