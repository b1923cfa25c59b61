using System.Diagnostics;
using System.Globalization;

namespace Bitswap.Benchmarks;

/// <summary>
/// Has the machine own free memory, by a process that takes as much and ends. A virtual machine gives free memory back to its host within seconds, and may
/// pay several seconds a GiB when it is first written to again, whoever does it: a plain copy of a file pays as an import does.
/// </summary>
internal static class MemoryTouch
{
    private const int PageSize = 4096;
    private const int ArraySize = 1 << 28;

    /// <summary>Takes the memory in a process of its own, and gives it back.</summary>
    public static async Task InChildAsync(long bytes)
    {
        if (bytes > 0)
        {
            string[] arguments = [typeof(MemoryTouch).Assembly.Location, "touch-memory", bytes.ToString(CultureInfo.InvariantCulture)];
            using Process process = Process.Start("dotnet", arguments);
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Takes the memory.</summary>
    public static int Run(long bytes)
    {
        List<byte[]> arrays = [];
        for (long left = bytes; left > 0; left -= ArraySize)
        {
            byte[] array = GC.AllocateUninitializedArray<byte>(ArraySize);
            for (int i = 0; i < array.Length; i += PageSize)
            {
                array[i] = 1;
            }

            arrays.Add(array);
        }

        GC.KeepAlive(arrays);
        return 0;
    }
}
