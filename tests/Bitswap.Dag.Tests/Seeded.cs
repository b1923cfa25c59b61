using System.Globalization;

namespace Bitswap.Dag.Tests;

/// <summary>Runs a random test many times and names the seed of a failing run; BITSWAP_TEST_SEED repeats it.</summary>
internal static class Seeded
{
    public static void Run(int times, Action<Random> test)
    {
        string? given = Environment.GetEnvironmentVariable("BITSWAP_TEST_SEED");
        int first = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        for (int i = 0; i < (given is null ? times : 1); i++)
        {
            int seed = unchecked(first + i);
            try
            {
                test(new Random(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Failed with BITSWAP_TEST_SEED={seed}: {failure.Message}", failure);
            }
        }
    }

    public static async Task RunAsync(int times, Func<Random, Task> test)
    {
        string? given = Environment.GetEnvironmentVariable("BITSWAP_TEST_SEED");
        int first = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        for (int i = 0; i < (given is null ? times : 1); i++)
        {
            int seed = unchecked(first + i);
            try
            {
                await test(new Random(seed));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Failed with BITSWAP_TEST_SEED={seed}: {failure.Message}", failure);
            }
        }
    }

    public static byte[] Bytes(this Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
