using System.Globalization;

namespace Bitswap.Mutation;

/// <summary>What the command line says.</summary>
internal sealed record MutationOptions
{
    public const string Usage = """
        Changes the code in one place at a time and sees whether a test notices. Ends with the changes that none noticed: each is a test that is missing, or
        changes nothing, which equivalent.txt tells with the reason.

          dotnet run -c Release --project tests/Bitswap.Mutation -- [client] [peers] [stores] [--count N] [--seed N] [--file NAME]

        client    src/Bitswap.Protocol/Client      peers    src/Bitswap.Node/Peers      stores    src/Bitswap.Node/Blockstores
        --count   how many of each, chosen at random (40)          --seed    chooses the same again
        --file    only files whose names begin so                  The exit code is 0 where under 10 % survived.
        """;

    public required IReadOnlyList<MutationArea> Areas { get; init; }

    public required int Count { get; init; }

    public required int Seed { get; init; }

    public string? File { get; init; }

    /// <summary>The folder that holds Bitswap.sln.</summary>
    public required string Root { get; init; }

    /// <summary>Reads the command line; null when it says nothing that is known.</summary>
    public static MutationOptions? Parse(string[] words)
    {
        List<MutationArea> areas = [];
        MutationOptions options = new() { Areas = areas, Count = 40, Seed = Random.Shared.Next(), Root = FindRoot() };
        for (int i = 0; i < words.Length; i++)
        {
            if (MutationArea.All.FirstOrDefault(area => area.Name == words[i]) is { } area)
            {
                areas.Add(area);
                continue;
            }

            string? value = i + 1 < words.Length ? words[i + 1] : null;
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            switch (words[i++])
            {
                case "--count" when isNumber:
                    options = options with { Count = number };
                    break;
                case "--seed" when isNumber:
                    options = options with { Seed = number };
                    break;
                case "--file" when value is not null:
                    options = options with { File = value };
                    break;
                default:
                    return null;
            }
        }

        return areas.Count > 0 ? options : options with { Areas = MutationArea.All };
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Bitswap.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"No Bitswap.sln above {AppContext.BaseDirectory}.");
    }
}
