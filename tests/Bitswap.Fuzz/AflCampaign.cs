using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SharpFuzz;
using Trace = SharpFuzz.Common.Trace;

namespace Bitswap.Fuzz;

/// <summary>
/// Fuzzes with AFL++: the rooms of this build are copied and instrumented by SharpFuzz, so that afl-fuzz sees which branches an input takes.
/// What it finds lies in bin/Fuzz, and the next run goes on from there.
/// </summary>
internal sealed class AflCampaign
{
    /// <summary>How long one input may take, in milliseconds: more counts as a hang.</summary>
    private const string Timeout = "5000";

    /// <summary>The size of the map in which instrumented code counts branches.</summary>
    private const int MapSize = 1 << 16;

    private readonly string _folder = Path.Combine(FuzzSeeds.RepositoryRoot, "bin", "Fuzz");

    private string App => Path.Combine(_folder, "app");

    /// <summary>Copies this build and instruments the copy.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(App);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(App, Path.GetFileName(file)), overwrite: true);
        }

        foreach (string room in Directory.EnumerateFiles(App, "Bitswap.*.dll").Where(file => Path.GetFileName(file) != "Bitswap.Fuzz.dll"))
        {
            Fuzzer.Instrument(room, static _ => true, Options.Value);
        }
    }

    /// <summary>Fuzzes a target.</summary>
    /// <returns>What <c>try</c> says of each input that broke it or made it hang, in this run or an earlier one. Those that no longer do are removed.</returns>
    public IReadOnlyList<string> Run(FuzzTarget target, TimeSpan time)
    {
        string output = Path.Combine(_folder, target.Name);
        Directory.CreateDirectory(output);
        List<string> arguments =
        [
            "-i", FuzzSeeds.FolderOf(target), "-o", output, "-t", Timeout, "-m", "none", "-V", time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture),
        ];
        if (target.Words.Count > 0)
        {
            string words = Path.Combine(_folder, target.Name + ".dict");
            File.WriteAllLines(words, target.Words.Select(Quote));
            arguments.AddRange(["-x", words]);
        }

        arguments.AddRange(["--", Path.Combine(App, "Bitswap.Fuzz"), "child", target.Name]);
        ProcessStartInfo start = new("afl-fuzz", arguments) { RedirectStandardOutput = true };
        foreach (string setting in (string[])["AFL_SKIP_BIN_CHECK", "AFL_SKIP_CPUFREQ", "AFL_NO_UI", "AFL_NO_AFFINITY", "AFL_AUTORESUME", "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES"])
        {
            start.Environment[setting] = "1";
        }

        using Process fuzzer = Process.Start(start)!;
        string told = fuzzer.StandardOutput.ReadToEnd();
        fuzzer.WaitForExit();
        if (fuzzer.ExitCode != 0)
        {
            throw new InvalidOperationException($"afl-fuzz ended with {fuzzer.ExitCode}:\n{told}");
        }

        string found = Path.Combine(output, "default");
        Console.WriteLine($"{target.Name}: {Statistics(Path.Combine(found, "fuzzer_stats"))}");
        return
        [
            .. ((string[])["crashes", "hangs"]).Select(kind => Path.Combine(found, kind)).Where(Directory.Exists)
                .SelectMany(kind => Directory.GetFiles(kind, "id*")).Select(file => TryAgain(target, file)).OfType<string>(),
        ];
    }

    /// <summary>What is wrong with an input, or null. In a process of its own, which it may end.</summary>
    private string? TryAgain(FuzzTarget target, string file)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(App, "Bitswap.Fuzz"), ["try", target.Name, file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(10 * int.Parse(Timeout, CultureInfo.InvariantCulture)))
        {
            process.Kill();
            return $"{file}: it hangs";
        }

        if (process.ExitCode == 0)
        {
            File.Delete(file);
            return null;
        }

        return output.Result + errors.Result;
    }

    /// <summary>
    /// Gives instrumented code a place to write to before afl-fuzz does: what is static is made before the first input comes. For the life of
    /// the process.
    /// </summary>
    public static unsafe void UseOwnMap() => Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(MapSize);

    /// <summary>Takes inputs from afl-fuzz until it ends; in a process of its own, since a stack that overflows ends that.</summary>
    public static void Serve(FuzzTarget target) => Fuzzer.OutOfProcess.Run(stream =>
    {
        using MemoryStream input = new();
        stream.CopyTo(input);
        target.Run(input.ToArray());
    });

    private static string Statistics(string path)
    {
        Dictionary<string, string> values = File.ReadLines(path).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0].Trim(), pair => pair[1].Trim());
        return $"{values["execs_done"]} inputs in all, {values["execs_per_sec"]} a second, {values["edges_found"]} branches, {values["corpus_count"]} inputs kept, " +
            $"{values["saved_crashes"]} crashes, {values["saved_hangs"]} hangs";
    }

    /// <summary>A word as afl-fuzz reads it.</summary>
    private static string Quote(string word) => "\"" + string.Concat(System.Text.Encoding.UTF8.GetBytes(word).Select(value =>
        value is < 0x20 or > 0x7e or (byte)'"' or (byte)'\\' ? $"\\x{value:x2}" : ((char)value).ToString())) + "\"";
}
