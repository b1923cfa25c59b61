using System.ComponentModel;
using System.Globalization;
using Bitswap.Fuzz;

const string Usage = """
    Bitswap.Fuzz list                       names the targets
    Bitswap.Fuzz run TARGET|all [SECONDS]   fuzzes with AFL++, 60 seconds a target; what is found is printed and kept in bin/Fuzz
    Bitswap.Fuzz try TARGET [FILE...]       parses files, or all seeds of the target
    """;

AflCampaign.UseOwnMap();
FuzzTarget[] targets = args switch
{
    [_, "all", ..] => [.. FuzzTargets.All],
    [_, { } name, ..] when FuzzTargets.Find(name) is { } one => [one],
    _ => [],
};
switch (args)
{
    case ["list"]:
        Console.WriteLine(string.Join('\n', FuzzTargets.All.Select(target => target.Name)));
        return 0;
    case ["run", _, .. var rest] when targets.Length > 0 && rest.Length <= 1:
        return Run(targets, TimeSpan.FromSeconds(rest is [{ } seconds] ? int.Parse(seconds, NumberStyles.None, CultureInfo.InvariantCulture) : 60));
    case ["try", _, .. var files] when targets.Length > 0:
        return targets.Count(target => !Try(target, files.Length > 0 ? files : Directory.GetFiles(FuzzSeeds.FolderOf(target)))) == 0 ? 0 : 1;
    case ["child", _] when targets is [{ } served]:
        AflCampaign.Serve(served);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 64;
}

static int Run(FuzzTarget[] targets, TimeSpan time)
{
    AflCampaign campaign = new();
    campaign.Prepare();
    int found = 0;
    foreach (FuzzTarget target in targets)
    {
        try
        {
            foreach (string failure in campaign.Run(target, time))
            {
                found++;
                Console.WriteLine(failure);
            }
        }
        catch (Win32Exception missing)
        {
            Console.Error.WriteLine($"afl-fuzz of AFL++ cannot be started ({missing.Message}): install it, on Debian with 'apt install afl++'.");
            return 69;
        }
    }

    if (found > 0)
    {
        Console.WriteLine("A file whose fault is mended belongs into tests/Bitswap.Fuzz/Seeds/TARGET, under a name that begins with 'crash-'.");
    }

    return found > 0 ? 1 : 0;
}

static bool Try(FuzzTarget target, IEnumerable<string> files)
{
    bool sound = true;
    foreach (string file in files)
    {
        try
        {
            Console.WriteLine($"{file}: {target.Run(File.ReadAllBytes(file)) ?? "taken"}");
        }
        catch (FuzzFailureException failure)
        {
            sound = false;
            Console.WriteLine($"{file}: {failure}");
        }
    }

    return sound;
}
