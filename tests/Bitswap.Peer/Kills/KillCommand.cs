using System.Diagnostics;
using System.Text.Json;
using Bitswap.Multiformats;
using Bitswap.Node;

namespace Bitswap.Peer.Kills;

/// <summary>
/// Kills a process that adds, imports, saves, clears and pins, again and again on one repository, and looks each time at what it left: nothing that was acknowledged
/// is lost, nothing is torn, the lock is free, and what is pinned is whole. The seed decides what is done and when it is killed, as far as the system's timing allows.
/// </summary>
internal static class KillCommand
{
    private const int MostLines = 40;
    private const int MostDelay = 25;

    // just below the high water
    private const int FillPercent = 87;
    private const int FillSize = 100_000;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        int count = arguments.Number("--count", 20);
        int storageMax = arguments.Number("--storage-max", 0);
        int seed = arguments.Number("--seed", Random.Shared.Next());
        string folder = Directory.CreateTempSubdirectory("bitswap-kills-").FullName;
        string last = "nothing";
        int kills = 0;
        try
        {
            Random random = new(seed);
            string repository = Path.Combine(folder, "repository");
            string saves = Directory.CreateDirectory(Path.Combine(folder, "saves")).FullName;
            await using KillSource source = await KillSource.StartAsync(Path.Combine(folder, "source"), random);
            await FillAsync(repository, storageMax, random);
            KillJournal journal = new();
            KillCheck check = new(repository, saves, journal, source, storageMax);
            SortedDictionary<string, int> words = [];
            TimeSpan start = TimeSpan.Zero;
            long began = Stopwatch.GetTimestamp();
            for (; kills < count; kills++)
            {
                string[] told = ["--to", repository, "--saves", saves, "--peer", $"{source.Address}", "--trees", string.Join<Cid>(',', source.Trees), "--seed", $"{random.Next()}", "--storage-max", $"{storageMax}"];

                // each tenth while it starts
                int lines = random.Next(10) == 0 && kills > 0 ? 0 : random.Next(1, MostLines);
                TimeSpan delay = lines == 0 ? start * random.NextDouble() : TimeSpan.FromMilliseconds(random.NextDouble() * MostDelay);
                long started = Stopwatch.GetTimestamp();
                IReadOnlyList<string> said = await KillVictim.RunAsync(told, lines, delay);
                start = kills == 0 ? Stopwatch.GetElapsedTime(started) : start;
                last = said.Count == 0 ? "nothing" : said[^1];
                foreach (string line in said)
                {
                    journal.Read(line);
                    string word = line.Split(' ')[0];
                    words[word] = words.GetValueOrDefault(word) + 1;
                }

                await check.RunAsync();
                Console.WriteLine(JsonSerializer.Serialize(new { kill = kills + 1, lines = said.Count, last, blocks = check.Blocks, pins = check.Pins.Count, added = journal.Added.Count }));
                journal.Begin(check.Pins);
                RemoveNew(saves);
            }

            Console.WriteLine(JsonSerializer.Serialize(new { kills, seed, seconds = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1), words }));
        }
        catch (Exception failure) when (failure is KillFailureException or BitswapException or Dag.Abstractions.DagException or Dag.UnixFs.Save.SaveException)
        {
            await Console.Error.WriteLineAsync($"Seed {seed}, kill {kills + 1} of {count}, after '{last}': {failure.Message} All is kept in '{folder}'.");
            return 1;
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    // a repository with a bound begins almost full: how much a process adds before it is killed depends on how busy the machine is
    private static async Task FillAsync(string repository, int storageMax, Random random)
    {
        if (storageMax == 0)
        {
            return;
        }

        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Path = repository, ListenAddresses = [] });
        byte[] data = new byte[FillSize];
        for (long bytes = 0; bytes < storageMax / 100L * FillPercent; bytes += data.Length)
        {
            random.NextBytes(data);
            await node.PutBlockAsync(Cid.Compute(Multicodec.Raw, data), data.ToArray());
        }
    }

    private static void RemoveNew(string saves)
    {
        foreach (string saved in Directory.EnumerateDirectories(saves).Where(saved => Path.GetFileName(saved) != Churn.Replaced))
        {
            Directory.Delete(saved, recursive: true);
        }
    }
}
