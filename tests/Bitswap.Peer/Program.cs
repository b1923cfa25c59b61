using Bitswap;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Peer;
using Bitswap.Peer.Kills;

try
{
    Arguments arguments = new(args.Skip(1));
    return args.FirstOrDefault() switch
    {
        "provide" => await ProvideCommand.RunAsync(arguments),
        "get" => await GetCommand.RunAsync(arguments),
        "share" => await ShareCommand.RunAsync(arguments),
        "save" => await SaveCommand.RunAsync(arguments),
        "add" => await AddCommand.RunAsync(arguments),
        "kill" => await KillCommand.RunAsync(arguments),
        "churn" => await ChurnCommand.RunAsync(arguments),
        "demo" => await DemoCommand.RunAsync(arguments),
        _ => throw new UsageException("which command?"),
    };
}
catch (UsageException wrong)
{
    await Console.Error.WriteLineAsync($"{wrong.Message}\n\n{UsageException.Usage}");
    return 64;
}
catch (BitswapException failure)
{
    await Console.Error.WriteLineAsync($"{failure.ErrorId}: {failure.Message} {failure.Remedy}");
    return 1;
}
catch (DagException failure)
{
    await Console.Error.WriteLineAsync($"{failure.ErrorId}: {failure.Message}");
    return 1;
}
catch (SaveException failure)
{
    await Console.Error.WriteLineAsync($"{failure.ErrorId}: {failure.Message}");
    return 1;
}
