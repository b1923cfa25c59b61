using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Tests;

/// <summary>Waits that end: a test that would hang fails instead.</summary>
internal static class Bounded
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    public static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(_limit);

    public static Task Within(this ValueTask task) => task.AsTask().WaitAsync(_limit);

    public static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(_limit);

    public static Task Within(this Task task) => task.WaitAsync(_limit);

    /// <summary>Reads until <paramref name="count"/> bytes have come or the other side ended.</summary>
    public static async Task<byte[]> ReadUpToAsync(this IByteChannel channel, int count)
    {
        byte[] result = new byte[count];
        int have = 0;
        while (have < count)
        {
            int read = await channel.ReadAsync(result.AsMemory(have), CancellationToken.None).Within();
            if (read == 0)
            {
                break;
            }
            have += read;
        }
        return result[..have];
    }
}
