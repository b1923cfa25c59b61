using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using Bitswap.Libp2p.Noise;

namespace Bitswap.Libp2p.Tests.Noise;

public sealed class NoiseAllocationTests
{
    private static bool Debuggable => typeof(NoiseChannel).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true;

    [Fact]
    public void Moving_megabytes_allocates_nothing_per_message()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        LoopChannel raw = new();
        NoiseChannel channel = new(raw, new NoiseCipherState(key), new NoiseCipherState(key), NoisePair.DialerIdentity.PublicKey,
            NoisePair.DialerIdentity.PeerId, null, NoiseOptions.Default);
        byte[] frame = RandomNumberGenerator.GetBytes(65519);
        // buffers come to the pool and grow to size
        for (int i = 0; i < 10; i++)
        {
            RoundTrip(channel, frame);
        }
        // the best of some runs: between two of them the pool may have been trimmed
        long least = long.MaxValue;
        for (int run = 0; run < 5; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
            {
                RoundTrip(channel, frame);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        // nothing in a release build; a debug build makes an object of the state of every async method, however it completes
        Assert.InRange(least, 0, Debuggable ? 40 * 256 : 0);
        Assert.Equal(60 * 4 * (65519L + 18), raw.Moved);
    }

    private static void RoundTrip(NoiseChannel channel, byte[] frame)
    {
        for (int i = 0; i < 4; i++)
        {
            channel.Write(frame);
        }
        ValueTask flushed = channel.FlushAsync(default);
        Assert.True(flushed.IsCompletedSuccessfully);
        for (int i = 0; i < 4; i++)
        {
#pragma warning disable CA2012 // it has completed: the channel beneath never waits
            ValueTask<ReadOnlyMemory<byte>> read = channel.ReadAsync(CancellationToken.None);
#pragma warning restore CA2012
            Assert.True(read.IsCompletedSuccessfully);
            ReadOnlyMemory<byte> plaintext = read.Result;
            Assert.True(plaintext.Span.SequenceEqual(frame));
            channel.Advance(plaintext.Length);
        }
    }

    /// <summary>Receives what it was given to send, and never waits.</summary>
    private sealed class LoopChannel : BufferedChannel
    {
        private readonly byte[] _data = new byte[512 * 1024];
        private int _start;
        private int _end;

        public long Moved { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
        {
            (_start, _end) = (0, data.Length);
            data.CopyTo(_data);
            Moved += data.Length;
            return ValueTask.CompletedTask;
        }

        public override void Abort()
        {
        }

        protected override ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct)
        {
            int count = Math.Min(destination.Length, _end - _start);
            _data.AsMemory(_start, count).CopyTo(destination);
            _start += count;
            return new ValueTask<int>(count);
        }
    }
}
