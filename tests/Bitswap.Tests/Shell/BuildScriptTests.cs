using Bitswap.Tests.Shared;

namespace Bitswap.Tests.Shell;

/// <summary>build.ps1 works in a PowerShell that is installed and in one that is a .NET tool, in a folder whose name has blanks and quotes.</summary>
public sealed class BuildScriptTests(BuildScriptTests.Copy copy) : IClassFixture<BuildScriptTests.Copy>
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(8);

    [Theory]
    [InlineData(PowerShellHost.Installed)]
    [InlineData(PowerShellHost.DotNetTool)]
    public async Task Its_tasks_run(PowerShellHost host)
    {
        string package = Path.Combine(copy.Folder, "bin", "Package", "Bitswap.0.1.0.nupkg");
        File.Delete(package);
        string output = await RunAsync(host, "Build,Package,Docs,Demo,Test", "-Filter", "FullyQualifiedName~VarintTests");
        Assert.True(File.Exists(package));
        Assert.Contains("(the same at both ends)", output);
        Assert.Contains("Passed:", output);
    }

    [Fact]
    public async Task A_link_to_an_installed_powershell_is_one() =>
        Assert.Contains("(the same at both ends)", await RunAsync(PowerShellHost.LinkToInstalled, "Demo"));

    private async Task<string> RunAsync(PowerShellHost host, params string[] arguments)
    {
        string[] command = [.. copy.CommandOf(host), "-NoProfile", "-NonInteractive", "-Command", $"& ./build.ps1 {string.Join(' ', arguments.Select(Quote))} | Out-String"];
        (int code, string text) = await PowerShellTool.RunAsync(command[0], command[1..], copy.Folder, _limit);
        Assert.True(code == 0, $"build.ps1 {string.Join(' ', arguments)} ended with code {code}:\n{text}");
        return text;
    }

    // names, lists of names and switches stay as they are
    private static string Quote(string argument) => argument.All(c => char.IsLetter(c) || c is '-' or ',') ? argument : $"'{argument}'";

    public enum PowerShellHost
    {
        Installed,
        LinkToInstalled,
        DotNetTool,
    }

    /// <summary>The files of the repository, in a folder of their own, with one suite of tests.</summary>
    public sealed class Copy : IAsyncLifetime
    {
        private readonly string _root = Path.Combine(Path.GetTempPath(), $"bitswap test {Guid.NewGuid():N}");
        private string _pwsh = "";

        /// <summary>The copy.</summary>
        public string Folder => Path.Combine(_root, "it's a clone");

        /// <summary>The program and first arguments that start PowerShell.</summary>
        public IEnumerable<string> CommandOf(PowerShellHost host) => host switch
        {
            PowerShellHost.Installed => [_pwsh],
            PowerShellHost.LinkToInstalled => [Link()],
            _ => ["dotnet", "tool", "run", "pwsh", "--"],
        };

        public async ValueTask InitializeAsync()
        {
            await PowerShellTool.RestoreAsync();
            await CopyRepositoryAsync();
            Directory.CreateDirectory(Path.Combine(Folder, "bin", "Package"));
            await InstallPowerShellAsync();
        }

        public ValueTask DisposeAsync()
        {
            Directory.Delete(_root, recursive: true);
            return ValueTask.CompletedTask;
        }

        private async Task CopyRepositoryAsync()
        {
            string[] files = (await MustAsync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], SharedData.RepositoryRoot)).Split('\n', StringSplitOptions.TrimEntries);
            foreach (string file in files.Where(file => File.Exists(Path.Combine(SharedData.RepositoryRoot, file))))
            {
                string target = Path.Combine(Folder, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(Path.Combine(SharedData.RepositoryRoot, file), target);
            }

            // the analyzers have seen the same files when the repository itself was built
            await File.WriteAllTextAsync(Path.Combine(Folder, "Directory.Build.rsp"), "-p:RunAnalyzers=false\n");

            // one suite is enough to see that Test runs tests
            string[] others = [.. files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) && file.StartsWith("tests/", StringComparison.Ordinal) && !file.Contains("Multiformats"))];
            await MustAsync("dotnet", ["sln", "Bitswap.sln", "remove", .. others], Folder);
        }

        /// <summary>An installed PowerShell is what the .NET tool holds, started by the program of its own that lies in its folder.</summary>
        private async Task InstallPowerShellAsync()
        {
            string home = (await MustAsync("dotnet", ["tool", "run", "pwsh", "--", "-NoProfile", "-NonInteractive", "-Command", "$PSHOME"], SharedData.RepositoryRoot)).Trim();
            string program = OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh";
            Assert.SkipUnless(File.Exists(Path.Combine(home, program)), $"the .NET tool holds no {program} that could be installed");
            string installed = Path.Combine(_root, "an installed PowerShell");
            foreach (string file in Directory.EnumerateFiles(home, "*", SearchOption.AllDirectories))
            {
                string target = Path.Combine(installed, Path.GetRelativePath(home, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            _pwsh = Path.Combine(installed, program);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_pwsh, File.GetUnixFileMode(_pwsh) | UnixFileMode.UserExecute);
            }
        }

        private string Link()
        {
            string link = Path.Combine(_root, OperatingSystem.IsWindows() ? "linked.exe" : "linked");
            Assert.SkipWhen(OperatingSystem.IsWindows(), "a symbolic link needs a right that users of Windows lack");
            if (!File.Exists(link))
            {
                File.CreateSymbolicLink(link, _pwsh);
            }

            return link;
        }

        private static async Task<string> MustAsync(string program, IEnumerable<string> arguments, string folder)
        {
            (int code, string text) = await PowerShellTool.RunAsync(program, arguments, folder, _limit);
            Assert.True(code == 0, $"{program} ended with code {code}: {text}");
            return text;
        }
    }
}
