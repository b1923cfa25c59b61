BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/FileGraph.ps1"

    # what an unfinished save of one file has written
    function Get-PartLength([string] $Folder) { (Get-ChildItem $Folder -Force -Recurse -File | Where-Object Name -EQ content).Length }
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Save-BitswapFile' {
    It 'saves a tree' {
        $there = New-TemporaryFolder
        $saved = Save-BitswapFile $root $there -Name tree -PassThru -Node $client
        $saved | Should -BeOfType IO.DirectoryInfo
        Get-Hash "$there/tree/big.bin" | Should -Be $bigHash
        [IO.File]::ReadAllText("$there/tree/docs/notes.txt") | Should -Match 'zweite'
        (Get-Item "$there/tree/Zero").Length | Should -Be 0
        (Get-Item "$there/tree/link").LinkTarget | Should -Be (Join-Path docs notes.txt)
        (Get-ChildItem $there -Force).Name | Should -Be 'tree'
        Remove-Item $there -Recurse -Force
    }

    It 'names after the path, the CID, the object or -Name' {
        $there = New-TemporaryFolder
        Push-Location $there
        try {
            Save-BitswapFile "$root/docs/notes.txt" -Node $client | Should -BeNullOrEmpty
            (Save-BitswapFile $text -PassThru -Node $client).Name | Should -Be "$($text.Cid)"
            Get-BitswapFile $root -Node $client | Where-Object Type -EQ File | Save-BitswapFile
            Get-BitswapFile "$root/docs/notes.txt" -Node $client | Save-BitswapFile -Name other.txt
            (Get-ChildItem $there).Name | Sort-Object | Should -Be (@('notes.txt', "$($text.Cid)", 'Zero', 'big.bin', 'other.txt') | Sort-Object)
        }
        finally {
            Pop-Location
            Remove-Item $there -Recurse -Force
        }
    }

    It 'does not replace what is there without -Force' {
        $there = New-TemporaryFolder
        Set-Content "$there/notes.txt" mine
        $failure = Get-Failure { Save-BitswapFile "$root/docs/notes.txt" $there -Node $client -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'TargetExists,Bitswap.Commands.SaveBitswapFileCommand'
        $failure.CategoryInfo.Category | Should -Be 'ResourceExists'
        Get-Content "$there/notes.txt" | Should -Be 'mine'
        Save-BitswapFile "$root/docs/notes.txt" $there -Force -Node $client
        Get-Content "$there/notes.txt" -Raw | Should -Match '^first line'
        Remove-Item $there -Recurse -Force
    }

    It 'never replaces a pipe or a device' -Skip:$IsWindows {
        $there = New-TemporaryFolder
        mkfifo "$there/pipe"
        (Get-Failure { Save-BitswapFile $text.Cid $there -Name pipe -Force -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^UnsafeDestination,'
        (Get-Failure { Save-BitswapFile $text.Cid /dev -Name null -Force -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^UnsafeDestination,'
        (Get-ChildItem $there -Force).Name | Should -Be 'pipe'
        Remove-Item $there -Recurse
    }

    It 'does nothing with -WhatIf' {
        $there = New-TemporaryFolder
        Save-BitswapFile $root $there -WhatIf -Node $client
        Get-ChildItem $there -Force | Should -BeNullOrEmpty
        Remove-Item $there
    }

    It 'refuses <id>, and leaves nothing' -ForEach @(
        @{ id = 'UnsafeName'; make = { Add-Directory @{ '..' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ '../../evil' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ 'C:\evil' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ 'NUL.txt' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ '/etc/evil' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ 'twice' = $text; 'docs' = (Add-Directory @{ '..' = $text }) } } }
        @{ id = 'InvalidHamt'; make = { Add-BitswapBlock ([byte[]](Get-Field 1 ([byte[]](8, 5, 0x28, 0x22, 0x30, 12)))) -Codec dag-pb -Node $provider } }
        @{ id = 'UnsafeLink'; make = { Add-Directory @{ 'evil' = (Add-Symlink '/etc/passwd') } } }
        @{ id = 'UnsafeLink'; make = { Add-Directory @{ 'evil' = (Add-Symlink '../evil') } } }
        @{ id = 'InvalidUnixFs'; make = { [pscustomobject]@{ Cid = (Add-BitswapBlock ([byte[]](10, 2, 8, 3)) -Codec dag-pb -Node $provider).Cid } } }
        @{ id = 'InvalidDagPb'; make = { [pscustomobject]@{ Cid = (Add-BitswapBlock ([byte[]](1, 2, 3)) -Codec dag-pb -Node $provider).Cid } } }
        @{ id = 'UnsupportedCodec'; make = { [pscustomobject]@{ Cid = (Add-BitswapBlock ([byte[]](0xa0)) -Codec dag-cbor -Node $provider).Cid } } }
    ) {
        $there = New-TemporaryFolder
        $bad = & $make
        $failure = Get-Failure { Save-BitswapFile $bad.Cid "$there" -Name x -Node $client -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be "$id,Bitswap.Commands.SaveBitswapFileCommand"
        Get-ChildItem $there -Force | Should -BeNullOrEmpty
        Remove-Item $there
    }

    It 'makes the folder to save into, and removes it when nothing comes into it' {
        $there = New-TemporaryFolder
        Save-BitswapFile "$root/docs/notes.txt" "$there/a/b" -Node $client
        Get-Content "$there/a/b/notes.txt" | Should -Contain 'first line'
        Save-BitswapFile $root "$there/c" -WhatIf -Node $client
        $null = Get-Failure { Save-BitswapFile (Add-Directory @{ '..' = $text }).Cid "$there/c/d" -Node $client -ErrorAction Stop }
        (Get-ChildItem $there -Force).Name | Should -Be 'a'
        [IO.File]::WriteAllText("$there/file", 'x')
        (Get-Failure { Save-BitswapFile $root "$there/file" -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^SaveFailed,'
        Remove-Item $there -Recurse -Force
    }

    It 'says that nothing changes where the same is there, and fetches none of it' {
        $there = New-TemporaryFolder
        Save-BitswapFile $root $there -Name tree -Node $client
        $third = Start-BitswapNode
        $null = Connect-BitswapPeer $provider -Node $third
        $saved = Save-BitswapFile $root $there -Name tree -PassThru -Node $third -WarningVariable warnings -WarningAction SilentlyContinue
        $saved.Name | Should -Be 'tree'
        "$warnings" | Should -Be "'$($saved.FullName)' already has the same content. Nothing is written."
        (Get-BitswapStat $third).BytesReceived | Should -BeLessThan 10KB

        # only what differs is written, and fetched
        $old = [datetime]::new(2001, 2, 3)
        (Get-Item "$there/tree/docs/notes.txt").LastWriteTime = $old
        $changed = [IO.File]::ReadAllBytes("$there/tree/big.bin")
        $changed[250KB] = $changed[250KB] -bxor 1
        [IO.File]::WriteAllBytes("$there/tree/big.bin", $changed)
        $failure = Get-Failure { Save-BitswapFile $root $there -Name tree -Node $third -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^TargetExists,'
        $failure.ErrorDetails.Message | Should -Match 'big\.bin'' is not what would be saved there'
        $story = (Save-BitswapFile $root $there -Name tree -Force -Node $third -Verbose -WarningVariable warnings 4>&1) -join "`n"
        $warnings | Should -BeNullOrEmpty
        $story | Should -Match '4 files and 1 symlinks, of which 4 are unchanged on the disk; 500 KiB in .* s, of which 400 KiB were on the disk already'
        Get-Hash "$there/tree/big.bin" | Should -Be $bigHash
        (Get-Item "$there/tree/docs/notes.txt").LastWriteTime | Should -Be $old
        (Get-BitswapStat $third).BytesReceived | Should -BeLessThan 150KB
        Stop-BitswapNode $third
        Remove-Item $there -Recurse -Force
    }

    It 'names all that cannot be saved before a file is fetched, and saves the rest with -SkipUnsafe' {
        $there = New-TemporaryFolder
        $mixed = Add-Directory @{
            'big.bin' = $big; 'a:b' = $text; "c`e[31m" = $text; 'docs' = $inner; 'out' = (Add-Symlink '/etc/passwd')
            'data' = (Add-BitswapBlock ([byte[]](0xa0)) -Codec dag-cbor -Node $provider)
        }
        $third = Start-BitswapNode
        $null = Connect-BitswapPeer $provider -Node $third
        $failure = Get-Failure { Save-BitswapFile $mixed.Cid $there -Name x -Node $third -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'UnsafeName,Bitswap.Commands.SaveBitswapFileCommand'
        $lines = $failure.ErrorDetails.Message -split "`n"
        $lines[0] | Should -Be '4 entries cannot be saved:'
        $lines[1..4] | Should -Be @(
            "  'a:b' cannot be saved, because of its name: it has a colon in it, which means a drive or a stream on Windows."
            "  'c\u{1B}[31m' cannot be saved, because of its name: it has a character in it (U+001B) that Windows does not take."
            "  'data' cannot be saved: it is a block of dag-cbor, which is no file."
            "  'out' cannot be saved, a symlink to '/etc/passwd': it is absolute."
        )
        $failure.ErrorDetails.RecommendedAction | Should -Match '-SkipUnsafe.*-AllowAnyName'
        (Get-BitswapStat $third).BytesReceived | Should -BeLessThan 10KB
        Get-ChildItem $there -Force | Should -BeNullOrEmpty

        Save-BitswapFile $mixed.Cid $there -Name x -SkipUnsafe -Node $third -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Message | Should -Be $lines[1..4].Trim()
        (Get-ChildItem "$there/x").Name | Should -Be 'docs', 'big.bin'
        Get-Hash "$there/x/big.bin" | Should -Be $bigHash
        Stop-BitswapNode $third
        Remove-Item $there -Recurse -Force
    }

    It 'refuses few blocks that claim a terabyte, or a million entries, unless it is told to' {
        $there = New-TemporaryFolder
        $file = [pscustomobject]@{ Cid = $parts[0].Cid; Size = 100KB }
        while ($file.Size -lt 1TB) { $file = Add-Parts (@($file) * 100) }
        $tree = Add-Directory @{ 'x' = $text }
        foreach ($level in 1..6) {
            $entries = @{}
            foreach ($i in 0..9) { $entries["d$i"] = $tree }
            $tree = Add-Directory $entries
        }

        foreach ($bomb in $file, $tree) {
            $failure = Get-Failure { Save-BitswapFile $bomb.Cid $there -Name bomb -Node $client -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -Be 'DagLimitExceeded,Bitswap.Commands.SaveBitswapFileCommand'
            $failure.ErrorDetails.RecommendedAction | Should -Match '-AllowLarge'
            Get-ChildItem $there -Force | Should -BeNullOrEmpty
        }

        # the free space is looked at whatever is allowed
        while ($file.Size -lt 1000TB) { $file = Add-Parts (@($file) * 100) }
        $failure = Get-Failure { Save-BitswapFile $file.Cid $there -Name bomb -AllowLarge -Node $client -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'DiskFull,Bitswap.Commands.SaveBitswapFileCommand'
        $failure.ErrorDetails.Message | Should -Match "has $('{0:N0}' -f $file.Size) bytes, and its disk has room for [\d,]+, of which 67,108,864 stay free\."
        Get-ChildItem $there -Force | Should -BeNullOrEmpty
        Remove-Item $there
    }

    It 'says what is kept, and how to go on, when Ctrl+C stops it' -Skip:$IsWindows {
        $there = New-TemporaryFolder
        $file = Join-Path $folder 'stopped.bin'
        [IO.File]::WriteAllBytes($file, [Security.Cryptography.RandomNumberGenerator]::GetBytes(2MB))
        $script = Join-Path $folder 'stopped.ps1'
        Set-Content $script @"
            Import-Module '$ManifestPath'
            `$network = New-BitswapTestNetwork
            `$from = Start-BitswapNode -Network `$network
            `$to = Start-BitswapNode -Network `$network
            `$cid = (Add-BitswapFile '$file' -ChunkSize 16384 -Node `$from).Cid
            `$null = Connect-BitswapPeer `$from -Node `$to
            `$network.BytesPerSecond = 50KB
            Save-BitswapFile `$cid '$there' -Name a -Node `$to
"@
        $process = [Diagnostics.Process]::Start((New-SignalledStart '-NoProfile', '-File', $script))
        $output = $process.StandardOutput.ReadToEndAsync()
        try {
            Wait-Until { (Get-PartLength $there) -gt 0 }
            kill -INT $process.Id
            $process.WaitForExit(60000) | Should -BeTrue
        }
        finally {
            if (-not $process.HasExited) { $process.Kill() }
        }

        $output.Wait(10000) | Should -BeTrue
        $kept = (Get-ChildItem $there -Force).FullName
        $output.Result | Should -Match "The save was stopped\. [\d.]+ (KiB|MiB) of it are kept in '$([regex]::Escape($kept))'\. Run the same command again to continue from there, "
        Remove-Item $there -Recurse -Force
    }

    It 'stops, and the next save goes on' {
        $there = New-TemporaryFolder
        $network = New-BitswapTestNetwork -LatencyMilliseconds 2000
        $slow = Start-BitswapNode -Network $network
        $getter = Start-BitswapNode -Network $network
        $null = @($big) + $parts | ForEach-Object { Get-BitswapBlock $_.Cid -Node $provider } | ForEach-Object { Add-BitswapBlock $_.Data -Codec $_.Codec -Node $slow }
        $null = Connect-BitswapPeer $slow -Node $getter
        $state = New-ModuleRunspace
        $null = $state.AddCommand('Save-BitswapFile').AddParameters(@{ Cid = $big.Cid; Destination = $there; Name = 'big'; Node = $getter })
        $null = $state.BeginInvoke()
        Wait-Until { @(Get-BitswapWantlist -Node $getter).Count -gt 0 }
        Stop-Shell $state
        $state.Runspace.Dispose()
        $state.Dispose()
        Get-BitswapWantlist -Node $getter | Should -BeNullOrEmpty
        Test-Path "$there/big" | Should -BeFalse

        Save-BitswapFile $big.Cid $there -Name big -Node $getter
        Get-Hash "$there/big" | Should -Be $bigHash
        (Get-ChildItem $there -Force).Name | Should -Be 'big'
        Remove-Item $there -Recurse -Force
        $getter, $slow | Stop-BitswapNode
    }

    It 'fails where the rest is missing, and goes on with what is there once somebody has it' {
        $there = New-TemporaryFolder
        $third = Start-BitswapNode
        $dying = Start-BitswapNode
        $null = $big, $parts[0], $parts[1] | ForEach-Object { Get-BitswapBlock $_.Cid -Node $provider } | ForEach-Object { Add-BitswapBlock $_.Data -Codec $_.Codec -Node $dying }
        $null = Connect-BitswapPeer $dying -Node $third
        $null = $big.Cid, $parts[0].Cid, $parts[1].Cid | Get-BitswapBlock -Node $third
        $failure = Get-Failure { Save-BitswapFile $big.Cid $there -Name big -TimeoutSeconds 0.5 -Node $third -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        (Get-ChildItem $there -Force).Name | Should -Match '^\.bitswap-[0-9a-f]{16}\.part$'

        $null = Connect-BitswapPeer $provider -Node $third
        $story = Save-BitswapFile $big.Cid $there -Name big -Node $third -Verbose 4>&1
        "$story" | Should -Match '200 KiB were on the disk already'
        Get-Hash "$there/big" | Should -Be $bigHash
        Remove-Item $there -Recurse -Force
        $third, $dying | Stop-BitswapNode
    }

    It 'tells what is missing and what is kept when the peer dies in the middle, and goes on from there when it is back' {
        $there = New-TemporaryFolder
        $name = 'a' * 60
        $repository = New-TemporaryFolder
        $file = Join-Path $folder 'dies.bin'
        $bytes = [byte[]]::new(3MB)
        [Random]::new(7).NextBytes($bytes)
        [IO.File]::WriteAllBytes($file, $bytes)
        $network = New-BitswapTestNetwork
        $peer = Start-BitswapNode -Network $network -Path $repository
        $getter = Start-BitswapNode -Network $network
        $cid = (Add-BitswapFile $file -ChunkSize 16384 -Node $peer).Cid
        $total = @(Get-BitswapBlock -Local -Node $peer).Count
        $total | Should -Be 193

        # slow enough that it is caught in the middle: three seconds in all
        $network.BytesPerSecond = 1MB
        $null = Connect-BitswapPeer $peer -Node $getter
        $window = New-ModuleRunspace
        $null = $window.AddCommand('Save-BitswapFile').AddParameters(@{ Cid = $cid; Destination = $there; Name = $name; TimeoutSeconds = 3; Node = $getter })
        $running = $window.BeginInvoke()
        # blocks come in any order, and are written in that of the file
        Wait-Until { (Get-BitswapStat -Node $getter).BlocksReceived -gt 30 -and (Get-PartLength $there) -gt 0 }
        Stop-BitswapNode $peer
        $null = $window.EndInvoke($running)
        $failure = $window.Streams.Error[0]
        $bar = @($window.Streams.Progress)
        $window.Runspace.Dispose()
        $window.Dispose()

        $failure.FullyQualifiedErrorId | Should -Be 'Timeout,Bitswap.Commands.SaveBitswapFileCommand'
        $failure.CategoryInfo.Category | Should -Be 'OperationTimeout'
        $missing = $failure.TargetObject
        Test-BitswapBlock $missing -Node $getter | Should -BeFalse
        Test-BitswapBlock $cid -Node $getter | Should -BeTrue
        (Test-BitswapDag $cid -Node $getter).Cid | Should -Contain $missing
        "$($failure.ErrorDetails)" | Should -Match "^No block arrived for 3 seconds, while $missing was waited for\. Asked: $($peer.PeerId) hung up after \d+ ms \(.+; dialled again \d+ times: .+\)\. [\d.]+ (KiB|MiB) of 3 MiB are saved and kept\. If you run the same save again, it continues from there\.$"
        $failure.ErrorDetails.RecommendedAction | Should -Match '-TimeoutSeconds'
        Test-Path "$there/$name" | Should -BeFalse
        (Get-ChildItem $there -Force).Name | Should -Match '^\.bitswap-[0-9a-f]{16}\.part$'

        # what the bar showed: files, bytes of all, and the pace
        $bar.Activity | Should -Contain "Saving $('a' * 10)…$('a' * 8)"
        @($bar.StatusDescription) -match '^0 files, [\d.]+ (KiB|MiB) of 3 MiB, [\d.]+ (B|KiB|MiB)/s$' | Should -Not -BeNullOrEmpty
        $bar[-1].RecordType | Should -Be 'Completed'

        $received = (Get-BitswapStat -Node $getter).BlocksReceived
        $received | Should -BeLessThan $total
        $network.BytesPerSecond = 0
        $peer = Start-BitswapNode -Network $network -Path $repository
        $null = Connect-BitswapPeer $peer -Node $getter
        Save-BitswapFile $cid $there -Name $name -Node $getter
        Get-Hash "$there/$name" | Should -Be (Get-Hash $file)
        (Get-ChildItem $there -Force).Name | Should -Be $name
        $stat = Get-BitswapStat -Node $getter
        $stat.BlocksReceived | Should -Be $total -Because 'only what was missing is fetched'
        $stat.DuplicateBlocks | Should -Be 0
        (Get-BitswapStat -Node $peer).BlocksSent | Should -Be ($total - $received)
        Remove-Item $there -Recurse -Force
        $getter, $peer | Stop-BitswapNode
        Remove-Item $repository -Recurse -Force
    }

    It 'ends at once where the peer says no, and waits for it with -Wait, whatever is cleared meanwhile' {
        $there = New-TemporaryFolder
        $network = New-BitswapTestNetwork
        $late = Start-BitswapNode -Network $network
        $getter = Start-BitswapNode -Network $network
        function Add-Late($Blocks) { $null = $Blocks | ForEach-Object { Get-BitswapBlock $_.Cid -Node $provider } | ForEach-Object { Add-BitswapBlock $_.Data -Codec $_.Codec -Node $late } }
        Add-Late ($big, $parts[0], $parts[1])
        $null = Connect-BitswapPeer $late -Node $getter
        $failure = Get-Failure { Save-BitswapFile $big.Cid $there -Name big -Node $getter -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        "$($failure.ErrorDetails)" | Should -Match "^No peer that could be asked has the block $($parts[2].Cid)\. Asked: .* DONT_HAVE .*\. 200 KiB of 500 KiB are saved and kept"
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Wait'
        (Get-Failure { Save-BitswapFile $big.Cid $there -Name big -Wait -TimeoutSeconds 0.2 -Node $getter -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^Timeout,'

        $useless = Add-BitswapBlock 'of no use' -Node $getter
        $window = New-ModuleRunspace
        $null = $window.AddCommand('Save-BitswapFile').AddParameters(@{ Cid = $big.Cid; Destination = $there; Name = 'big'; Wait = $true; TimeoutSeconds = 60; Node = $getter })
        $running = $window.BeginInvoke()
        Wait-Until { @(Get-BitswapWantlist -Node $getter).Count -eq 3 }
        (Clear-BitswapStore -Node $getter -Confirm:$false).Cid | Should -Contain $useless.Cid
        Add-Late $parts[2..4]
        $null = $window.EndInvoke($running)
        $window.Streams.Error | Should -BeNullOrEmpty
        $window.Runspace.Dispose()
        $window.Dispose()
        Get-Hash "$there/big" | Should -Be $bigHash
        (Get-BitswapStat -Node $getter).BlocksReceived | Should -Be 6
        Remove-Item $there -Recurse -Force
        $getter, $late | Stop-BitswapNode
    }
}
