BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $bin = Join-Path $ModuleRoot 'bin/Bitswap'

    function Invoke-Fresh {
        param([string] $Script)

        $output = & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; $Script" 2>&1
        if ($LASTEXITCODE -ne 0) {
            throw "$output"
        }

        $output
    }
}

Describe 'The load contexts' {
    It 'keep <_> out of the default one' -ForEach 'Google.Protobuf', 'BouncyCastle.Cryptography', 'Microsoft.Extensions.Logging.Abstractions', 'Serilog', 'Serilog.Sinks.File', 'Bitswap.Protocol', 'Bitswap.Libp2p', 'Bitswap.Node' {
        # with a log, which needs packages of its own
        $log = Join-Path ([IO.Path]::GetTempPath()) "bitswap-test-$([guid]::NewGuid().ToString('N')).log"
        $loaded = Invoke-Fresh "Import-Module '$ManifestPath'; Start-BitswapNode -LogPath '$log' | Stop-BitswapNode; Remove-Item '$log'; [Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.ForEach{ `$_.GetName().Name }"
        $loaded | Should -Contain 'Bitswap'
        $loaded | Should -Not -Contain $_
    }

    It 'give packages to nobody else' {
        $found = Invoke-Fresh "Import-Module '$ManifestPath'; Start-BitswapNode | Stop-BitswapNode; try { [Reflection.Assembly]::Load('Google.Protobuf').FullName } catch { 'none' }"
        $found | Should -Be 'none'
    }

    It 'leave a session with Google.Protobuf 3.10.1 in peace' {
        $folder = New-TemporaryFolder
        try {
            Set-Content -LiteralPath "$folder/Old.csproj" -Value @'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
    <CopyLocalLockFileAssemblies>true</CopyLocalLockFileAssemblies>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="Google.Protobuf" Version="3.10.1" /></ItemGroup>
</Project>
'@
            $build = & dotnet build "$folder/Old.csproj" -o "$folder/out" -v quiet -nologo 2>&1
            if ($LASTEXITCODE -ne 0 -or -not (Test-Path "$folder/out/Google.Protobuf.dll")) {
                Set-ItResult -Skipped -Because "Google.Protobuf 3.10.1 cannot be restored: $($build | Select-Object -Last 1)"
                return
            }

            $result = Invoke-Fresh @"
Add-Type -LiteralPath '$folder/out/Google.Protobuf.dll'
Import-Module '$ManifestPath'
`$a = Start-BitswapNode; `$b = Start-BitswapNode
`$null = `$a | Connect-BitswapPeer -Node `$b
'over two Protobufs' | Add-BitswapBlock -Node `$a | Get-BitswapBlock -Node `$b -AsString
[Google.Protobuf.ByteString].Assembly.GetName().Version.ToString()
"@
            $result | Should -Be @('over two Protobufs', '3.10.1.0')
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

Describe 'Type names' {
    It '[Bitswap.<_>] resolves' -ForEach 'Cid', 'PeerId', 'Multiaddr', 'Multihash', 'IBlockstore', 'Blockstore', 'BitswapException', 'BitswapNode', 'BitswapBlock' {
        "Bitswap.$_" -as [type] | Should -Not -BeNullOrEmpty
        "bitswap.$_".ToLowerInvariant() -as [type] | Should -Be ("Bitswap.$_" -as [type])
    }

    It 'a CID compares, sorts and converts' {
        $text = 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'
        $cid = [Bitswap.Cid] $text
        $cid -eq [Bitswap.Cid]::Parse("/ipfs/$text") | Should -BeTrue
        "$cid" | Should -Be $text
        $other = [Bitswap.Cid] 'bafkreicin2sgejgrxnh3nahtj56jvwlkr4sozcf6opvi4wtmmuta5hfyu4'
        @($other, $cid | Sort-Object)[0] | Should -Be $cid
    }
}

Describe 'Importing' {
    It 'opens no socket and starts no node' {
        $result = Invoke-Fresh "Import-Module '$ManifestPath'; (Get-BitswapNode | Measure-Object).Count"
        $result | Should -Be 0
    }

    It 'works beside another copy of the module, whichever is removed' {
        $folder = New-TemporaryFolder
        try {
            $null = New-Item -ItemType Directory -Path "$folder/bin"
            Copy-Item -LiteralPath $ManifestPath -Destination $folder
            Copy-Item -LiteralPath $bin -Destination "$folder/bin/Bitswap" -Recurse
            $result = Invoke-Fresh @"
`$there = Import-Module '$ManifestPath' -PassThru
`$copy = Import-Module '$folder/Bitswap.psd1' -PassThru
'one' | Add-BitswapBlock -Node (Start-BitswapNode) | Format-Table | Out-String
Remove-Module `$copy
`$there.ExportedCommands.Count -eq `$copy.ExportedCommands.Count
'two' | & `$there.ExportedCommands['Add-BitswapBlock'] -Node (& `$there.ExportedCommands['Start-BitswapNode']) | Format-Table | Out-String
"@
            "$result" | Should -Match '(?s)Cid +Size Codec.* 3 B raw.*True.*Cid +Size Codec.* 3 B raw'
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }

    It 'works again and again in one session' {
        Invoke-Fresh "`$WarningPreference = 'SilentlyContinue'; 1..3 | ForEach-Object { Import-Module '$ManifestPath' -Force; `$n = Start-BitswapNode; 'x' | Add-BitswapBlock | Get-BitswapBlock -AsString }" | Should -Be 'x', 'x', 'x'
    }

    It 'loads nothing but its own assemblies and what PowerShell brings' {
        $loaded = Invoke-Fresh @"
`$before = [AppDomain]::CurrentDomain.GetAssemblies().Location
Import-Module '$ManifestPath'
[AppDomain]::CurrentDomain.GetAssemblies().Location | Where-Object { `$_ -and `$_ -notin `$before }
"@
        # $PSHOME is PowerShell's own folder, and where the runtime lies that it was installed with
        $runtime = Split-Path ([object].Assembly.Location)
        $foreign = $loaded | Where-Object { -not $_.StartsWith($PSHOME) -and -not $_.StartsWith($runtime) }
        $foreign | Should -Contain (Join-Path $ModuleRoot 'bin/Bitswap/Bitswap.dll')
        # the packages wait until a node needs them
        $foreign | Where-Object { (Split-Path -Leaf $_) -notlike 'Bitswap*.dll' -or -not $_.StartsWith("$bin") } | Should -BeNullOrEmpty
    }

    It 'opens no file of others and no socket, and writes nothing' -Skip:(-not (Get-Command strace -CommandType Application -ErrorAction Ignore)) {
        $folder = New-TemporaryFolder
        try {
            $script = "try { [IO.File]::OpenRead('/bitswap-mark-begin') } catch [IO.FileNotFoundException] { `$null = `$_ }; Import-Module '$ManifestPath'; try { [IO.File]::OpenRead('/bitswap-mark-end') } catch [IO.FileNotFoundException] { `$null = `$_ }"
            $null = & strace -f -qq -e 'trace=%file,%network' -o "$folder/trace" $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command $script
            if ($LASTEXITCODE -ne 0) {
                Set-ItResult -Skipped -Because 'strace is not allowed to trace here'
                return
            }

            $inside = $false
            $calls = foreach ($line in [IO.File]::ReadLines("$folder/trace")) {
                if ($line.Contains('/bitswap-mark-begin')) { $inside = $true }
                elseif ($line.Contains('/bitswap-mark-end')) { $inside = $false }
                elseif ($inside) { $line }
            }

            $calls | Should -Not -BeNullOrEmpty
            # PowerShell writes to the system's log by a socket of its own
            $calls | Where-Object { $_ -match ' (socket|connect|bind)\(' -and $_ -notmatch 'AF_UNIX' } | Should -BeNullOrEmpty
            $calls | Where-Object { $_ -match ' (unlink|rename|mkdir|creat)(at)?2?\(' } | Should -BeNullOrEmpty
            $opened = $calls | Where-Object { $_ -match ' open(at)?\(.*?"([^"]+)".*= \d+' } | ForEach-Object { $_ -match '"([^"]+)"' | Out-Null; $Matches[1] }
            # threads of PowerShell's own start load of .NET what they need when they come to it
            $runtime = [Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory()
            $opened | Where-Object { $_ -notlike "$ModuleRoot*" -and $_ -notlike "$PSHOME*" -and $_ -notlike "$runtime*" -and $_ -notmatch '^/(proc|sys|dev)/' } | Should -BeNullOrEmpty
            $calls | Where-Object { $_ -match ' open' -and $_ -match 'O_WRONLY|O_RDWR|O_CREAT' -and $_ -notmatch '"/(proc|dev)/' } | Should -BeNullOrEmpty
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}
