# What the tests share. Each file dot-sources this in BeforeAll, and calls Clear-Nodes in AfterAll.
$ErrorActionPreference = 'Stop'
$RepositoryRoot = (Get-Item -LiteralPath (Join-Path $PSScriptRoot '../..')).FullName
# the module as Run.ps1 installed it from its package; where a test file is run by itself, the one of the last build
$ModuleRoot = $env:BITSWAP_TEST_MODULE ? $env:BITSWAP_TEST_MODULE : $RepositoryRoot
$ManifestPath = Join-Path $ModuleRoot 'Bitswap.psd1'
$PowerShellHost = & (Join-Path $RepositoryRoot 'docs/examples/Get-PowerShellHost.ps1')
Import-Module $ManifestPath -Force

# A CID that nobody has: the hash of a text made up for each run.
function New-UnknownCid {
    (Get-BitswapCid "unknown $([guid]::NewGuid())").Cid
}

# Two nodes; the client is connected to the provider.
function New-NodePair {
    $provider = Start-BitswapNode
    $client = Start-BitswapNode
    $peer = Connect-BitswapPeer $provider -Node $client
    [pscustomobject]@{ Provider = $provider; Client = $client; Peer = $peer }
}

# How another process of this PowerShell starts that signals are sent to. A build agent may start what it runs with some of them ignored, which is inherited.
function New-SignalledStart([string[]] $Arguments) {
    $command = @($IsLinux ? @('env', '--default-signal') : @()) + $PowerShellHost.FilePath + @($PowerShellHost.ArgumentList) + $Arguments
    $start = [Diagnostics.ProcessStartInfo]::new($command[0], [string[]] $command[1..($command.Count - 1)])
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $start
}

# The name of the interface that leads to this machine alone: what tests tell the local network goes no further.
function Get-Loopback {
    ([Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() | Where-Object NetworkInterfaceType -EQ Loopback | Select-Object -First 1).Name
}

function New-TemporaryFolder {
    (New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "bitswap-test-$([guid]::NewGuid().ToString('N'))")).FullName
}

function Clear-Nodes {
    Get-BitswapNode | Stop-BitswapNode -Force
}

# Polls until a condition holds, a bounded time.
function Wait-Until {
    param([scriptblock] $Condition, [double] $Seconds = 30, [string] $Because = 'the condition did not hold in time')

    $limit = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($limit.Elapsed.TotalSeconds -gt $Seconds) {
            throw $Because
        }

        [Threading.Thread]::Yield() | Out-Null
        [Threading.Thread]::Sleep(5)
    }
}

# Runs what must fail, and gives its error record.
function Get-Failure {
    param([scriptblock] $Script)

    try {
        & $Script | Out-Null
    }
    catch {
        return $_
    }

    throw "Nothing failed in: $Script"
}

# A script in a runspace of its own, as a user's second window or job would have.
function New-ModuleRunspace {
    $state = [initialsessionstate]::CreateDefault2()
    $runspace = [runspacefactory]::CreateRunspace($state)
    $runspace.Open()
    $shell = [powershell]::Create($runspace)
    $null = $shell.AddScript("Import-Module '$($ManifestPath.Replace("'", "''"))'").Invoke()
    if ($shell.HadErrors) {
        throw $shell.Streams.Error[0]
    }

    $shell.Commands.Clear()
    $shell
}

# Stops a pipeline, whatever it waits for. How soon each cmdlet lets itself be stopped is held by Pipeline.Tests.ps1, beside what this machine needs for any stop.
function Stop-Shell {
    param([powershell] $Shell)

    $Shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne(30000) | Should -BeTrue -Because 'a pipeline stops, whatever it waits for'
}

# The listening sockets of this process; Linux only.
function Get-ListenerCount {
    $inodes = [IO.Directory]::GetFileSystemEntries('/proc/self/fd') | ForEach-Object {
        # the one that lists the folder is gone by now
        try { [IO.File]::ResolveLinkTarget($_, $false).FullName } catch [IO.IOException] { $null = $_ }
    } | Where-Object { $_ -match 'socket:\[(\d+)\]' } | ForEach-Object { $Matches[1] }
    $listening = foreach ($table in '/proc/net/tcp', '/proc/net/tcp6') {
        if (Test-Path $table) {
            foreach ($line in [IO.File]::ReadAllLines($table)) {
                $fields = $line.Trim() -split '\s+'
                if ($fields[3] -eq '0A') { $fields[9] }
            }
        }
    }

    @($inodes | Where-Object { $_ -in $listening }).Count
}
