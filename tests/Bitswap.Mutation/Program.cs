using System.Diagnostics;
using System.Globalization;
using Bitswap.Mutation;

MutationOptions? options = MutationOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine(MutationOptions.Usage);
    return 2;
}

HashSet<string> equivalent = [.. File.ReadLines(Path.Combine(options.Root, "tests", "Bitswap.Mutation", "equivalent.txt"))
    .Where(line => line.Length > 0 && !line.StartsWith('#') && !line.StartsWith(' '))];
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}"));
int judged = 0;
List<string> survivors = [];
foreach (MutationArea area in options.Areas)
{
    MutantTests tests = await MutantTests.OpenAsync(area, options.Root);
    string project = Path.Combine(options.Root, "src", area.Project);
    MutantCompiler compiler = await MutantCompiler.OpenAsync(project);
    Mutant[] mutants = [.. compiler.Find(Path.Combine(project, area.Folder))
        .Where(mutant => options.File is null || Path.GetFileName(mutant.File).StartsWith(options.File, StringComparison.OrdinalIgnoreCase))];
    Mutant[] judgeable = [.. mutants.Where(mutant => !equivalent.Contains(mutant.Key))];
    Console.WriteLine($"{area.Name}: {mutants.Length} mutants, {mutants.Length - judgeable.Length} of them equivalent, as equivalent.txt says");
    compiler.TryCompile(null, tests.PathOf(compiler.OutputName));
    await tests.MeasureAsync();
    new Random(options.Seed).Shuffle(judgeable);
    int left = options.Count;
    foreach (Mutant mutant in judgeable)
    {
        if (left == 0)
        {
            break;
        }

        if (!compiler.TryCompile(mutant, tests.PathOf(compiler.OutputName)))
        {
            continue;
        }

        left--;
        judged++;
        long started = Stopwatch.GetTimestamp();
        string? noticed = await tests.NoticeAsync();
        TimeSpan took = Stopwatch.GetElapsedTime(started);
        string what = $"{Path.GetFileName(mutant.File)}:{mutant.Line}: {mutant.Before} -> {mutant.After}";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(noticed is null ? "SURVIVED" : "noticed")} {took.TotalSeconds:0} s  {what}{(noticed is null ? "" : $"  ({noticed})")}"));
        if (noticed is null)
        {
            survivors.Add(mutant.Key);
        }
    }
}

double share = judged == 0 ? 0 : 100.0 * survivors.Count / judged;
Console.WriteLine();
survivors.ForEach(Console.WriteLine);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{survivors.Count} of {judged} mutants survived, {share:0.0} %"));
return share < 10 ? 0 : 1;
